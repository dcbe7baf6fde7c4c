public import ContainerImage
import Synchronization

/// Which mirrors it makes sense to ask: one that couldn't be reached three times, one after the other, or broke off in
/// three layers, isn't asked any more, and one that wants a pause not before its end.
public final class MirrorHealth: Sendable {
    private struct State {
        var failures = 0
        var breaks = 0
        var pauseEnd: ContinuousClock.Instant?
        /// The kinds of trouble that have been told.
        var told: Set<String> = []
    }

    private static let limit = 3
    private static let longestPauseSeconds = 3600
    private let states = Mutex<[RegistryHost: State]>([:])

    /// Creates the health of mirrors that nobody has asked.
    public init() {}

    /// Whether it makes sense to ask `host`.
    public func isUp(_ host: RegistryHost) -> Bool {
        states.withLock { states in
            guard let state = states[host] else { return true }
            return state.failures < Self.limit && state.breaks < Self.limit && (state.pauseEnd ?? .now) <= .now
        }
    }

    /// Records an answer, whatever it was.
    public func answered(_ host: RegistryHost) { states.withLock { $0[host]?.failures = 0 } }

    /// Records that there was no answer.
    ///
    /// - Returns: Whether that was the last time that it is asked.
    public func failed(_ host: RegistryHost) -> Bool {
        states.withLock { states in
            states[host, default: State()].failures += 1
            return states[host]?.failures == Self.limit
        }
    }

    /// Records that a layer didn't come to its end.
    ///
    /// - Returns: Whether that was the last time that it is asked.
    func brokeOff(_ host: RegistryHost) -> Bool {
        states.withLock { states in
            states[host, default: State()].breaks += 1
            return states[host]?.breaks == Self.limit
        }
    }

    /// Records that it wants a pause.
    func pause(_ host: RegistryHost, seconds: Int) {
        let seconds = min(max(seconds, 0), Self.longestPauseSeconds)
        states.withLock { $0[host, default: State()].pauseEnd = .now + .seconds(seconds) }
    }

    /// Whether nobody has been told yet of this kind of trouble with `host`.
    func isNews(_ kind: String, of host: RegistryHost) -> Bool {
        states.withLock { $0[host, default: State()].told.insert(kind).inserted }
    }
}
