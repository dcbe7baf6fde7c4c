import Synchronization

/// How many requests to a registry are under way at once: as many as there are, until the registry says that they are too
/// many (429, or 503 with `Retry-After`: RFC 6585, section 4, and RFC 9110, section 15.6.4).
///
/// Each refusal lowers the limit, once for all requests that were sent before it was lowered last; many successes raise it
/// by one.
final class RequestLimit: Sendable {
    /// A request that is under way.
    struct Admission: Sendable {
        fileprivate let round: Int
    }

    private struct State {
        var limit = Int.max
        var round = 0
        var underWay = 0
        var successes = 0
        var notBefore: ContinuousClock.Instant?
        var waiting: [(id: Int, continuation: CheckedContinuation<Void, Never>)] = []
        var nextID = 0
    }

    private let state = Mutex(State())

    /// Waits until another request may be sent; ``leave(_:)`` must be called when it was answered.
    ///
    /// - Throws: `CancellationError`.
    func enter() async throws -> Admission {
        while true {
            try Task.checkCancellation()
            let step: (admission: Admission?, pause: ContinuousClock.Instant?, id: Int) = state.withLock { state in
                if let until = state.notBefore {
                    if until > .now { return (nil, until, 0) }
                    state.notBefore = nil
                }
                if state.underWay < state.limit {
                    state.underWay += 1
                    return (Admission(round: state.round), nil, 0)
                }
                state.nextID &+= 1
                return (nil, nil, state.nextID)
            }
            if let admission = step.admission { return admission }
            if let pause = step.pause {
                // Those who wait for the same shouldn't all come at once.
                try await Task.sleep(until: pause + .milliseconds(Int.random(in: 0...100)), clock: .continuous)
            } else {
                await wait(as: step.id)
            }
        }
    }

    private func wait(as id: Int) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isFree = state.withLock { state in
                    if state.underWay < state.limit || Task.isCancelled { return true }
                    state.waiting.append((id, continuation))
                    return false
                }
                if isFree { continuation.resume() }
            }
        } onCancel: {
            let continuation = state.withLock { state in
                state.waiting.firstIndex { $0.id == id }.map { state.waiting.remove(at: $0).continuation }
            }
            continuation?.resume()
        }
    }

    /// Records an answer that isn't a refusal.
    func leave(_ admission: Admission) {
        resume { state in
            state.underWay -= 1
            guard state.limit < .max, admission.round == state.round else { return }
            state.successes += 1
            if state.successes >= 16 * state.limit {
                state.limit += 1
                state.successes = 0
            }
        }
    }

    /// Records a failure.
    ///
    /// - Parameter longestWaitSeconds: What asks for a longer wait is over at once.
    /// - Returns: Whether there were too many requests at once, so that the same may succeed when there are fewer.
    func leave(_ admission: Admission, after error: any Error, longestWaitSeconds: Int) -> Bool {
        let refusal = error as? RegistryError
        let wait = refusal?.retryAfterSeconds
        guard refusal?.status == 429 || refusal?.status == 503 && wait != nil, (wait ?? 0) <= longestWaitSeconds else {
            leave(admission)
            return false
        }
        var isCrowded = false
        resume { state in
            let crowd = state.underWay
            state.underWay -= 1
            if let wait, wait > 0 {
                let until = ContinuousClock.now + .seconds(wait)
                state.notBefore = max(state.notBefore ?? until, until)
            }
            guard admission.round == state.round else {
                isCrowded = true
                return
            }
            guard crowd > 1 else { return }
            isCrowded = true
            state.limit = crowd > 4 ? crowd / 2 : crowd - 1
            state.round += 1
            state.successes = 0
        }
        return isCrowded
    }

    /// Changes the state, and lets those pass for whom there is room then.
    private func resume(after change: (inout State) -> Void) {
        let passing = state.withLock { state in
            change(&state)
            let room = max(0, state.limit - state.underWay)
            let passing = state.waiting.prefix(room)
            state.waiting.removeFirst(passing.count)
            return passing.map(\.continuation)
        }
        for continuation in passing { continuation.resume() }
    }
}
