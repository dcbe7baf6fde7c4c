/// Which logins a registry has accepted. One that it hasn't yet goes with one request at a time, and once it was rejected
/// the requests that were made before fail as well: some registries lock an account after a few wrong passwords.
actor LoginTrials {
    /// How a request with a login fared.
    enum Outcome: Sendable {
        case accepted
        case rejected(RegistryError)
        /// The registry answered neither way.
        case undecided
    }

    private struct Purpose: Hashable {
        var login: String
        var scope: String
    }

    private struct Rejection {
        var error: RegistryError
        var time: ContinuousClock.Instant
    }

    private enum State {
        case accepted
        case underWay([CheckedContinuation<Void, Never>])
    }

    private var states: [String: State] = [:]
    private var rejections: [Purpose: Rejection] = [:]
    /// The last rejection of each login, whatever it was sent for.
    private var lastRejections: [String: Rejection] = [:]
    private let memory: Duration

    /// - Parameter memory: How long a login that was rejected isn't sent again for the same scope.
    init(memory: Duration = .seconds(60)) { self.memory = memory }

    /// Whether the registry has accepted `login`.
    func hasAccepted(_ login: String) -> Bool { if case .accepted = states[login] { true } else { false } }

    /// Lets a request with `login` pass, when no other is on trial with it.
    ///
    /// - Parameter created: When the request was made.
    /// - Returns: Whether this one is on trial now: how it fared must be told by ``end(_:for:with:)``.
    /// - Throws: The `RegistryError` of the request with which the login was rejected.
    func begin(_ login: String, for scope: String, of created: ContinuousClock.Instant) async throws -> Bool {
        while true {
            try Task.checkCancellation()
            if hasAccepted(login) { return false }
            if let last = lastRejections[login], last.time > created { throw last.error }
            if let rejection = rejections[Purpose(login: login, scope: scope)],
                ContinuousClock.now - rejection.time < memory
            {
                throw rejection.error
            }
            guard case .underWay = states[login] else {
                states[login] = .underWay([])
                return true
            }
            await trialEnds(of: login)
        }
    }

    /// Ends a trial.
    func end(_ login: String, for scope: String, with outcome: Outcome) {
        guard case .underWay(let waiting) = states[login] else { return }
        states[login] = nil
        switch outcome {
        case .accepted: states[login] = .accepted
        case .undecided: break
        case .rejected(let error):
            let rejection = Rejection(error: error, time: .now)
            rejections[Purpose(login: login, scope: scope)] = rejection
            lastRejections[login] = rejection
        }
        for continuation in waiting { continuation.resume() }
    }

    private func trialEnds(of login: String) async {
        await withCheckedContinuation { continuation in
            guard case .underWay(let waiting) = states[login] else { return continuation.resume() }
            states[login] = .underWay(waiting + [continuation])
        }
    }
}
