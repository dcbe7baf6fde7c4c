import AsyncHTTPClient
import HTTPTransport
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

    fileprivate enum State: Sendable {
        case underWay
        /// A piece is there, and nobody has asked for the next one since then.
        case offered(ContinuousClock.Instant)
        case taken
        case failed(any Error)
    }

    fileprivate final class Progress: Sendable {
        private struct Current {
            var state = State.underWay
            /// Who waits for the end.
            var waiter: CheckedContinuation<Void, any Error>?

            /// How it ended; nil while it hasn't.
            var end: Result<Void, any Error>? {
                switch state {
                case .taken: .success(())
                case .failed(let error): .failure(error)
                case .underWay, .offered: nil
                }
            }

            /// Returns the continuation to resume once it has ended.
            mutating func enter(_ state: State) -> (
                waiter: CheckedContinuation<Void, any Error>, end: Result<Void, any Error>
            )? {
                self.state = state
                guard let end, let waiter else { return nil }
                self.waiter = nil
                return (waiter, end)
            }
        }

        private let current = Mutex(Current())

        func set(_ state: State) {
            let ended = current.withLock { current in current.enter(state) }
            if let ended { ended.waiter.resume(with: ended.end) }
        }

        /// Nobody will ask for more.
        func drop() {
            if current.withLock({ $0.end }) == nil { set(.failed(HTTPClientError.remoteConnectionClosed)) }
        }

        /// Waits until the whole body was taken.
        ///
        /// - Throws: What kept it from that; `CancellationError`.
        func whenTaken() async throws {
            try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    let end = current.withLock { current in
                        if current.end == nil { current.waiter = continuation }
                        return current.end
                    }
                    if let end { continuation.resume(with: end) }
                    // It may have been cancelled before there was anyone to tell.
                    if Task.isCancelled { giveUp() }
                }
            } onCancel: {
                giveUp()
            }
        }

        private func giveUp() {
            let waiter = current.withLock { current in
                defer { current.waiter = nil }
                return current.waiter
            }
            waiter?.resume(throwing: CancellationError())
        }

        /// - Parameter lastTaken: When the connection took a piece for the last time.
        func isOffered(longerThan limit: Duration, _ lastTaken: ContinuousClock.Instant?) -> Bool {
            current.withLock { current in
                guard case .offered(let since) = current.state else { return false }
                return .now - Swift.max(since, lastTaken ?? since) > limit
            }
        }
    }

    /// Lives as long as the iterator.
    fileprivate final class Reader: Sendable {
        let progress: Progress

        init(_ progress: Progress) { self.progress = progress }

        deinit { progress.drop() }
    }

    /// What a connection takes at once, however slow the registry is: it asks for more as long as fewer than 64 KiB wait to
    /// be written, headers included.
    private static let mostTakenAtOnce: Int64 = 48 << 10

    private let base: BlobBody
    private let size: Int64
    private let meter: UploadMeter?
    private let progress = Progress()
    /// What the connection has taken; nil where the body is too small to be in anybody's way.
    let flow: BodyFlow?

    /// - Parameters:
    ///   - size: The length of `base` in bytes.
    ///   - meter: Counts the bytes that are taken.
    init(_ base: BlobBody, size: Int64, meter: UploadMeter?) {
        self.base = base
        self.size = size
        self.meter = meter
        flow = size > Self.mostTakenAtOnce ? BodyFlow() : nil
    }

    struct AsyncIterator: AsyncIteratorProtocol {
        var base: BlobBody.AsyncIterator
        fileprivate let reader: Reader
        let meter: UploadMeter?
        let flow: BodyFlow?

        mutating func next() async throws -> ByteBuffer? {
            await flow?.waitForRoom()
            reader.progress.set(.underWay)
            do {
                let chunk = try await base.next()
                reader.progress.set(chunk == nil ? .taken : .offered(.now))
                if let chunk {
                    meter?.add(chunk.readableBytes)
                    flow?.give(chunk.readableBytes)
                }
                return chunk
            } catch {
                reader.progress.set(.failed(error))
                throw error
            }
        }
    }

    func makeAsyncIterator() -> AsyncIterator {
        meter?.restart()
        return AsyncIterator(base: base.makeAsyncIterator(), reader: Reader(progress), meter: meter, flow: flow)
    }

    /// The answer that `send` gives, unless the body isn't taken for `limit`: then `send` is cancelled.
    ///
    /// A refusal counts at once. A success that comes before the whole body was taken doesn't until it is: a registry can't
    /// have what wasn't sent.
    func withStallTimeout(
        atMost limit: Duration,
        _ send: @escaping @Sendable () async throws -> HTTPClientResponse
    ) async throws -> HTTPClientResponse {
        let answer: @Sendable () async throws -> HTTPClientResponse = {
            let response = try await send()
            if (200...299).contains(response.status.code) { try await progress.whenTaken() }
            return response
        }
        // Watching costs more than sending a small one.
        if size <= Self.mostTakenAtOnce { return try await answer() }
        return try await withThrowingTaskGroup(of: HTTPClientResponse?.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await answer() }
            group.addTask {
                while !progress.isOffered(longerThan: limit, flow?.lastTaken) {
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
