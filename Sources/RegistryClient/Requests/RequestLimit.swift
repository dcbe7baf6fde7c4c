import Synchronization

/// How many requests to a registry are under way at once: as many as there are, until the registry says that they are too
/// many (429, or 503 with `Retry-After`: RFC 6585, section 4, and RFC 9110, section 15.6.4).
///
/// Each refusal lowers the limit, once for all requests that were sent before it was lowered last; many successes raise it
/// by one. A `Retry-After` is a pause of this registry for all who send to it. There may be a limit of requests a second,
/// too; pauses give no credit.
///
/// A registry that has refused one request as often as that was sent, or has asked for as many pauses, and has answered
/// nothing meanwhile, isn't waited for any more: each request is sent once, and none in a pause, until one is answered.
package final class RequestLimit: Sendable {
    /// A request that is under way.
    package struct Admission: Sendable {
        fileprivate let round: Int
        fileprivate let pauses: Int
        fileprivate let isHead: Bool
    }

    /// What keeps a request from being sent.
    private enum Step {
        case pass(Admission)
        case pause(until: Duration)
        case turn(at: Duration)
        case queue(id: Int)
        case refused(any Error)
    }

    /// That the registry isn't waited for any more.
    private struct GivingUp {
        var error: any Error
        /// The end of the pause in which nothing is sent.
        var until: Duration
        /// Whether that is so of HEADs alone: others may be answered.
        var isOfHeads: Bool

        func concerns(head isHead: Bool) -> Bool { isHead || !isOfHeads }
    }

    private struct State {
        var limit = Int.max
        var round = 0
        var underWay = 0
        var successes = 0
        var notBefore: Duration?
        /// When the next request has its turn.
        var next = Duration.zero
        var waiting: [(id: Int, continuation: CheckedContinuation<Void, Never>)] = []
        var nextID = 0
        var givingUp: GivingUp?
        /// How many requests had an answer that isn't a refusal.
        var answers = 0
        /// How many pauses there were one after the other, without an answer between them.
        var pauses = 0
    }

    private let state = Mutex(State())
    /// The time between two requests.
    private let interval: Duration?
    private let now: @Sendable () -> Duration
    private let sleep: @Sendable (Duration) async throws -> Void

    /// Creates a limit.
    ///
    /// - Parameters:
    ///   - requestsPerSecond: How many requests a second there may be; nil for as many as there are.
    ///   - clock: Tells the time and waits.
    package init<C: Clock>(requestsPerSecond: Double? = nil, clock: C = ContinuousClock())
    where C.Duration == Duration {
        interval = requestsPerSecond.map { .seconds(1 / max($0, 0.001)) }
        let epoch = clock.now
        now = { epoch.duration(to: clock.now) }
        sleep = { try await clock.sleep(until: epoch.advanced(by: $0), tolerance: nil) }
    }

    /// Waits until another request may be sent; ``leave(_:)`` must be called when it was answered.
    ///
    /// - Parameter isHead: Whether it is a HEAD.
    /// - Throws: `CancellationError`; the last refusal, in a pause of a registry that isn't waited for.
    package func enter(head isHead: Bool = false) async throws -> Admission {
        var turn: Duration?
        while true {
            try Task.checkCancellation()
            switch step(&turn, isHead) {
            case .pass(let admission): return admission
            // Those who wait for the same shouldn't all come at once.
            case .pause(let until): try await sleep(until + .milliseconds(Int.random(in: 0...100)))
            case .turn(let instant): try await sleep(instant)
            case .queue(let id): await wait(as: id)
            case .refused(let error): throw error
            }
        }
    }

    /// - Parameter turn: When the request has its turn, once it has one; it loses it where something else holds it up.
    private func step(_ turn: inout Duration?, _ isHead: Bool) -> Step {
        let now = now()
        return state.withLock { state in
            if let givingUp = state.givingUp, givingUp.until > now, givingUp.concerns(head: isHead) {
                return .refused(givingUp.error)
            }
            if let until = state.notBefore {
                if until > now {
                    turn = nil
                    return .pause(until: until)
                }
                state.notBefore = nil
            }
            guard state.underWay < state.limit else {
                turn = nil
                state.nextID &+= 1
                return .queue(id: state.nextID)
            }
            if let interval {
                let own = turn ?? max(state.next, now)
                if turn == nil { state.next = own + interval }
                turn = own
                if own > now { return .turn(at: own) }
            }
            state.underWay += 1
            return .pass(Admission(round: state.round, pauses: state.pauses, isHead: isHead))
        }
    }

    /// Counts a request that is sent as a part of another one: those after it wait longer.
    package func countFurtherRequest() {
        guard let interval else { return }
        let now = now()
        state.withLock { $0.next = max($0.next, now) + interval }
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

    /// How many pauses there were one after the other, without an answer between them.
    package var pauses: Int { state.withLock(\.pauses) }

    /// How many requests had an answer so far that isn't a refusal.
    package var answers: Int { state.withLock(\.answers) }

    /// Whether the registry isn't waited for.
    package func isGivingUp(head isHead: Bool = false) -> Bool {
        state.withLock { $0.givingUp?.concerns(head: isHead) == true }
    }

    /// Has nobody wait for the registry any more, until it answers, because it has refused a request with `error`.
    ///
    /// - Parameters:
    ///   - wait: The wait that it asked for, in seconds.
    ///   - answers: How many answers there were before the request; nothing happens if there are more.
    ///   - isHead: Whether the request was a HEAD.
    package func giveUp(
        after error: any Error,
        retryAfterSeconds wait: Int?,
        since answers: Int,
        head isHead: Bool = false
    ) {
        let until = now() + .seconds(min(wait ?? 0, 1 << 32))
        state.withLock { state in
            guard state.answers == answers else { return }
            // What others are refused is worse.
            guard state.givingUp?.isOfHeads != false || !isHead else { return }
            state.givingUp = GivingUp(error: error, until: until, isOfHeads: isHead)
        }
    }

    /// Records an answer that isn't a refusal, or that there was none.
    package func leave(_ admission: Admission, answered isAnswered: Bool = true) {
        resume { state in
            state.underWay -= 1
            if isAnswered {
                state.answers += 1
                state.pauses = 0
                if state.givingUp?.concerns(head: admission.isHead) == true { state.givingUp = nil }
            }
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
    /// - Parameters:
    ///   - status: What the registry answered, if it did.
    ///   - wait: The wait that it asked for, in seconds.
    ///   - longestWaitSeconds: What asks for a longer wait is over at once.
    /// - Returns: Whether there were too many requests at once, so that the same may succeed when there are fewer.
    package func leave(
        _ admission: Admission,
        status: Int?,
        retryAfterSeconds wait: Int?,
        longestWaitSeconds: Int
    ) -> Bool {
        let isRefusal = status == 429 || status == 503 && wait != nil
        guard isRefusal, (wait ?? 0) <= longestWaitSeconds else {
            leave(admission, answered: status != nil && !isRefusal)
            return false
        }
        var isCrowded = false
        resume { state in
            let crowd = state.underWay
            state.underWay -= 1
            if let wait, wait > 0 {
                // Those that were under way together are told of the same pause.
                if admission.pauses == state.pauses { state.pauses += 1 }
                let until = now() + .seconds(wait)
                state.notBefore = max(state.notBefore ?? until, until)
                state.next = max(state.next, until)
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
