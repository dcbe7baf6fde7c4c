import Synchronization

/// How far the verification of a layer has got, for whoever follows it.
final class VerificationProgress: Sendable {
    private struct State {
        var count: Int64 = 0
        var end: Result<Void, any Error>?
        var waiters: [(target: Int64, continuation: CheckedContinuation<Void, Never>)] = []

        func isOver(_ target: Int64) -> Bool { end != nil || count >= target }

        mutating func released() -> [CheckedContinuation<Void, Never>] {
            let all = waiters
            waiters = all.filter { !isOver($0.target) }
            return all.filter { isOver($0.target) }.map(\.continuation)
        }
    }

    private let size: Int64
    private let state = Mutex(State())

    /// Creates the progress of a layer of `size` bytes, of which none has been hashed.
    init(of size: Int64) { self.size = size }

    /// Why the verification failed, if it did.
    var failure: (any Error)? {
        state.withLock { state in
            if case .failure(let error) = state.end { error } else { nil }
        }
    }

    /// Another `count` bytes have been hashed.
    func add(_ count: Int) {
        let released = state.withLock { state in
            state.count += Int64(count)
            return state.waiters.isEmpty ? [] : state.released()
        }
        for waiter in released { waiter.resume() }
    }

    /// All bytes have been hashed, or that has failed.
    func finish(_ result: Result<Void, any Error>) {
        let released = state.withLock { state in
            state.end = result
            return state.released()
        }
        for waiter in released { waiter.resume() }
    }

    /// Waits until the bytes before `offset` have been hashed: for the layer's end, until all are right.
    ///
    /// - Throws: Why the verification failed.
    func wait(until offset: Int64) async throws {
        // The end is known only when the digest is.
        let target = offset < size ? offset : Int64.max
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                let isOver = state.isOver(target)
                if !isOver { state.waiters.append((target, continuation)) }
                return isOver
            }
            if isOver { continuation.resume() }
        }
        if let failure { throw failure }
    }
}
