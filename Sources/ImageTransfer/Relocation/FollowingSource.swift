import ContainerImage
import ImageStore
import NIOCore

/// A layer's bytes behind its verification: none is read that wasn't hashed before, and the last ones only when all are
/// right.
struct FollowingSource: ImageSource {
    let base: any ImageSource
    let progress: VerificationProgress

    /// How many bytes are waited for at once, so that waiting is rare.
    private static let stride: Int64 = 1 << 20
    /// The largest piece that is expected.
    private static let pieceSize: Int64 = 256 << 10

    var name: String { base.name }
    var isRepeatable: Bool { base.isRepeatable }
    var isVerified: Bool { base.isVerified }
    var origin: Repository? { base.origin }

    func manifest(_ digest: Digest) async throws -> RawManifest { try await base.manifest(digest) }

    func content(of blob: Descriptor, from offset: Int64) async throws -> BlobBody {
        let body = try await base.content(of: blob, from: offset)
        return BlobBody(Body(base: body, progress: progress, size: blob.size, start: offset))
    }

    private struct Body: AsyncSequence, Sendable {
        typealias Element = ByteBuffer
        typealias Failure = any Error
        let base: BlobBody
        let progress: VerificationProgress
        let size: Int64
        let start: Int64

        struct AsyncIterator: AsyncIteratorProtocol {
            var base: BlobBody.AsyncIterator
            let progress: VerificationProgress
            let size: Int64
            var offset: Int64
            /// The bytes before this one may be given.
            var limit: Int64 = 0

            mutating func next() async throws -> ByteBuffer? {
                try await wait(until: Swift.min(offset + FollowingSource.pieceSize, size))
                guard let piece = try await base.next() else { return nil }
                offset += Int64(piece.readableBytes)
                try await wait(until: Swift.min(offset, size))
                return piece
            }

            private mutating func wait(until end: Int64) async throws {
                guard end > limit else { return }
                let next = Swift.min(Swift.max(end, limit + FollowingSource.stride), size)
                try await progress.wait(until: next)
                limit = next
            }
        }

        func makeAsyncIterator() -> AsyncIterator {
            AsyncIterator(base: base.makeAsyncIterator(), progress: progress, size: size, offset: start)
        }
    }
}
