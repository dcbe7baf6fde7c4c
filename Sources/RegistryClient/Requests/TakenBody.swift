import AsyncHTTPClient
import ImageStore
import NIOCore
import Synchronization

/// A body on its way to a registry, which notes since when the registry hasn't asked for more.
///
/// The time limit of a connection doesn't see that: it counts from the end of the request on.
struct TakenBody: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    typealias Failure = any Error

    fileprivate final class Mark: Sendable {
        let offered = Mutex<ContinuousClock.Instant?>(nil)
    }

    private let base: BlobBody
    private let mark = Mark()

    init(_ base: BlobBody) { self.base = base }

    struct AsyncIterator: AsyncIteratorProtocol {
        var base: BlobBody.AsyncIterator
        fileprivate let mark: Mark

        mutating func next() async throws -> ByteBuffer? {
            mark.offered.withLock { $0 = nil }
            let chunk = try await base.next()
            if chunk != nil { mark.offered.withLock { $0 = .now } }
            return chunk
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(base: base.makeAsyncIterator(), mark: mark) }

    /// What `send` gives, unless the body isn't taken for `limit`: then `send` is cancelled.
    func watched<Value: Sendable>(
        atMost limit: Duration,
        _ send: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await send() }
            group.addTask {
                while true {
                    try await Task.sleep(for: Swift.min(limit / 4, .seconds(1)))
                    if let since = mark.offered.withLock(\.self), .now - since > limit {
                        throw HTTPClientError.writeTimeout
                    }
                }
            }
            while let value = try await group.next() {
                if let value { return value }
            }
            throw CancellationError()
        }
    }
}
