import ImageStore
import NIOCore

/// A body that goes on from another place where one breaks off.
struct ContinuedBody: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    typealias Failure = any Error
    /// The rest from behind the bytes that have come, and the place that it comes from, where a place fails with an error.
    typealias Proceed =
        @Sendable (_ received: Int64, _ place: Int, _ error: any Error) async throws -> (body: BlobBody, place: Int)

    let first: BlobBody
    let place: Int
    let proceed: Proceed

    init(first: BlobBody, place: Int, _ proceed: @escaping Proceed) {
        self.first = first
        self.place = place
        self.proceed = proceed
    }

    struct AsyncIterator: AsyncIteratorProtocol {
        var base: BlobBody.AsyncIterator
        var place: Int
        var received: Int64 = 0
        let proceed: Proceed

        mutating func next() async throws -> ByteBuffer? {
            while true {
                do {
                    guard let chunk = try await base.next() else { return nil }
                    received += Int64(chunk.readableBytes)
                    return chunk
                } catch {
                    guard !(error is CancellationError), !Task.isCancelled else { throw error }
                    guard let next = try? await proceed(received, place, error), next.place > place else { throw error }
                    (base, place) = (next.body.makeAsyncIterator(), next.place)
                }
            }
        }
    }

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(base: first.makeAsyncIterator(), place: place, proceed: proceed)
    }
}
