import ContainerImage
import ImageStore
import NIOCore

/// A small blob that is in memory already, such as a config.
struct MemorySource: ImageSource {
    let bytes: ByteBuffer
    let name: String

    init(bytes: ByteBuffer, name: String) {
        self.bytes = bytes
        self.name = name
    }

    init(bytes: [UInt8], name: String) { self.init(bytes: ByteBuffer(bytes: bytes), name: name) }

    func manifest(_ digest: Digest) async throws -> RawManifest {
        throw BlobError.tooShort(digest, expected: 1, received: 0)
    }

    func content(of blob: Descriptor, from offset: Int64) async throws -> BlobBody {
        var rest = bytes
        rest.moveReaderIndex(forwardBy: Int(min(offset, Int64(rest.readableBytes))))
        return BlobBody(
            AsyncThrowingStream { [rest] continuation in
                if rest.readableBytes > 0 { continuation.yield(rest) }
                continuation.finish()
            }
        )
    }
}
