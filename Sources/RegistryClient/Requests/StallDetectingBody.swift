import AsyncHTTPClient
import ImageStore
import NIOCore
import NIOHTTP1
import Synchronization

/// A body on its way to a registry, which notes since when the registry hasn't asked for more, and how it ended.
///
/// The time limit of a connection doesn't see that: it counts from the end of the request on.
struct StallDetectingBody: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    typealias Failure = any Error

    fileprivate enum State {
        case underWay
        /// A piece is there, and nobody has asked for the next one since then.
        case offered(ContinuousClock.Instant)
        case taken
        case failed(any Error)
    }

    fileprivate final class Progress: Sendable {
        private let state = Mutex(State.underWay)

        func set(_ state: sending State) { self.state.withLock { $0 = state } }

        /// Nobody will ask for more.
        func drop() {
            state.withLock { state in
                switch state {
                case .taken, .failed: break
                case .underWay, .offered: state = .failed(HTTPClientError.remoteConnectionClosed)
                }
            }
        }

        var isTaken: Bool {
            get throws {
                try state.withLock { state in
                    switch state {
                    case .taken: return true
                    case .failed(let error): throw error
                    case .underWay, .offered: return false
                    }
                }
            }
        }

        func isOffered(longerThan limit: Duration) -> Bool {
            state.withLock { if case .offered(let since) = $0 { .now - since > limit } else { false } }
        }
    }

    /// Lives as long as the iterator.
    fileprivate final class Reader: Sendable {
        let progress: Progress

        init(_ progress: Progress) { self.progress = progress }

        deinit { progress.drop() }
    }

    private let base: BlobBody
    private let progress = Progress()

    init(_ base: BlobBody) { self.base = base }

    struct AsyncIterator: AsyncIteratorProtocol {
        var base: BlobBody.AsyncIterator
        fileprivate let reader: Reader

        mutating func next() async throws -> ByteBuffer? {
            reader.progress.set(.underWay)
            do {
                let chunk = try await base.next()
                reader.progress.set(chunk == nil ? .taken : .offered(.now))
                return chunk
            } catch {
                reader.progress.set(.failed(error))
                throw error
            }
        }
    }

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(base: base.makeAsyncIterator(), reader: Reader(progress))
    }

    /// The answer that `send` gives, unless the body isn't taken for `limit`: then `send` is cancelled.
    ///
    /// A refusal counts at once. A success that comes before the whole body was taken doesn't until it is: a registry can't
    /// have what wasn't sent.
    func withStallTimeout(
        atMost limit: Duration,
        _ send: @escaping @Sendable () async throws -> HTTPClientResponse
    ) async throws -> HTTPClientResponse {
        try await withThrowingTaskGroup(of: HTTPClientResponse?.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                let response = try await send()
                while (200...299).contains(response.status.code), try !progress.isTaken {
                    try await Task.sleep(for: .milliseconds(20))
                }
                return response
            }
            group.addTask {
                while !progress.isOffered(longerThan: limit) {
                    try await Task.sleep(for: Swift.min(limit / 4, .seconds(1)))
                }
                throw HTTPClientError.writeTimeout
            }
            while let response = try await group.next() {
                if let response { return response }
            }
            throw HTTPClientError.remoteConnectionClosed
        }
    }
}
