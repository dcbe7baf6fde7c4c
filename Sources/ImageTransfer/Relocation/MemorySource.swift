import ContainerImage
import ImageStore
import NIOCore

/// A small blob that is in memory already, such as a config.
struct MemorySource: ImageSource {
    let bytes: ByteBuffer
    let name: String
    let origin: Repository?
    let isVerified: Bool

    init(bytes: ByteBuffer, name: String, origin: Repository? = nil, isVerified: Bool = false) {
        self.bytes = bytes
        self.name = name
        self.origin = origin
        self.isVerified = isVerified
    }

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
