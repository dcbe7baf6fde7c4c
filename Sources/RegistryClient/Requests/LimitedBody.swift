import ImageStore
import NIOCore

/// A body whose bytes come no faster than a limit allows.
struct LimitedBody: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    typealias Failure = any Error
    let base: BlobBody
    let limit: RateLimit

    struct AsyncIterator: AsyncIteratorProtocol {
        var base: BlobBody.AsyncIterator
        let limit: RateLimit
        var rest = ByteBuffer()

        mutating func next() async throws -> ByteBuffer? {
            if rest.readableBytes == 0 {
                guard let next = try await base.next() else { return nil }
                rest = next
            }
            let piece = rest.readSlice(length: Swift.min(rest.readableBytes, limit.piece))
            try await limit.take(piece?.readableBytes ?? 0)
            return piece
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(base: base.makeAsyncIterator(), limit: limit) }
}
