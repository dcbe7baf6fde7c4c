import ContainerImage
import ImageStore
import NIOCore

/// A small blob that is in memory already, such as a config.
struct MemorySource: ImageSource {
    let bytes: [UInt8]
    let name: String

    func manifest(_ digest: Digest) async throws -> RawManifest {
        throw BlobError.tooShort(digest, expected: 1, received: 0)
    }

    func content(of blob: Descriptor, from offset: Int64) async throws -> BlobBody {
        let rest = ByteBuffer(bytes: bytes.dropFirst(Int(offset)))
        return BlobBody(
            AsyncThrowingStream { continuation in
                if rest.readableBytes > 0 { continuation.yield(rest) }
                continuation.finish()
            }
        )
    }
}
