import ContainerImage
import ImageStore
import NIOHTTP1

/// What was sent with requests to a registry, and how it fared.
struct Authorizations: Sendable {
    /// How the registry wants requests to be authorized, nil while that isn't known.
    var challenge: AuthenticationChallenge?
    /// Whether only `/v2/` asked so far: strangers may be let in elsewhere.
    var isPresumed = false
    /// Whether `/v2/` was asked.
    var wasAsked = false
    /// Repositories without a login.
    var strangers: Set<Repository> = []
    /// What was granted, by scopes.
    var grants: [String: Grant] = [:]
    /// What the registry accepted any token for, by scopes.
    var accepted: [String: Set<RegistryRequest.Kind>] = [:]
    /// When a grant was last refused, by scopes: what was made before is as used up as that one.
    var refused: [String: ContinuousClock.Instant] = [:]
    /// Scopes that the registry asked for in addition to those of its requests.
    var further: [String: [String]] = [:]
    let asking = SharedWork<RegistryHost, [AuthenticationChallenge]>()
    let granting = SharedWork<String, Grant?>()
}

/// An `Authorization` header, and what is known about it.
struct Grant: Sendable {
    /// The header's value.
    let header: String
    /// How long it is valid, if the token server says so.
    let lifetime: Duration?
    /// When it came.
    let received = ContinuousClock.now
    /// Whether it may end at all, as tokens do.
    let isToken: Bool
    /// The kinds of requests that the registry accepted it for.
    var accepted: Set<RegistryRequest.Kind> = []
    /// How many requests it was sent with.
    var users = 0

    init(header: String, lifetime: Duration? = nil, isToken: Bool) {
        self.header = header
        self.lifetime = lifetime
        self.isToken = isToken
    }

    /// How long a token is valid if its server doesn't say so (token specification).
    private static let usual = Duration.seconds(60)

    /// Whether it is likely to end before the registry looks at it.
    ///
    /// - Parameter isLastChance: Whether the request can't be sent a second time.
    func isEnding(whereLastChance isLastChance: Bool) -> Bool {
        guard isToken, let lifetime = lifetime ?? (isLastChance ? Self.usual : nil) else { return false }
        let margin = isLastChance ? min(.seconds(30), lifetime / 2) : min(.seconds(5), lifetime / 10)
        return ContinuousClock.now - received >= lifetime - margin
    }
}

/// How a registry wants requests to be authorized: the challenge, and tokens.
extension RegistrySession {
    /// Whether `/v2/` should be asked before a request to `repository`, if there is a login.
    func mayAskForChallenge(for repository: Repository) -> Bool {
        authorizations.challenge == nil && !authorizations.wasAsked && !authorizations.strangers.contains(repository)
    }

    /// Records that there is no login for `repository`.
    func hasNoLogin(for repository: Repository) { authorizations.strangers.insert(repository) }

    /// Records what `/v2/` asks for; `ask` is called once for all callers.
    func learnChallenge(by ask: @escaping @Sendable () async throws -> [AuthenticationChallenge]) async throws {
        guard !authorizations.wasAsked else { return }
        let challenges = try await authorizations.asking.value(for: host, by: ask)
        authorizations.wasAsked = true
        guard authorizations.challenge == nil, let best = Self.best(of: challenges) else { return }
        authorizations.challenge = best
        authorizations.isPresumed = true
    }

    private static func best(of challenges: [AuthenticationChallenge]) -> AuthenticationChallenge? {
        challenges.first(where: \.isBearer) ?? challenges.first
    }

    /// Records that `request` was not refused for lack of authorization.
    func accepted(_ authorization: String, for request: RegistryRequest) {
        let key = request.scopeKey
        authorizations.accepted[key, default: []].insert(request.kind)
        guard authorizations.grants[key]?.header == authorization else { return }
        authorizations.grants[key]?.accepted.insert(request.kind)
    }

    /// Whether tokens for the scopes of `request` are valid for such requests.
    func hasAccepted(_ request: RegistryRequest) -> Bool {
        authorizations.accepted[request.scopeKey]?.contains(request.kind) == true
    }

    /// Records a refusal for lack of authorization.
    ///
    /// - Parameters:
    ///   - rejected: The header that was sent.
    ///   - sent: When.
    /// - Returns: False when what was sent can't be bettered.
    func learn(
        _ challenges: [AuthenticationChallenge],
        rejected: String?,
        sent: ContinuousClock.Instant,
        for request: RegistryRequest
    ) -> Bool {
        guard let best = Self.best(of: challenges) else { return false }
        let key = request.scopeKey
        // A registry may want something else in its repositories than at `/v2/`.
        let isOther = !best.isLike(authorizations.challenge)
        if let rejected, let grant = authorizations.grants[key], grant.header == rejected {
            let missing = best.scopes.filter { !request.scopes.contains($0) }
            if !missing.isEmpty, authorizations.further[key] == nil {
                // A token that was never accepted may lack scopes that the registry names.
                authorizations.further[key] = missing
            } else if !isOther {
                // One that was accepted for the like, that others have as well, or that waited, has ended or is used up. Any
                // other one won't get better, nor will a password. A mount that is refused isn't worth many tokens.
                let waited = sent - grant.received > .milliseconds(100)
                let isShared = grant.users > 1 && request.mountedFrom == nil
                guard best.isBearer, grant.accepted.contains(request.kind) || isShared || waited else {
                    return false
                }
            }
            authorizations.grants[key] = nil
            authorizations.refused[key] = .now
        } else if rejected != nil, !best.isBearer, !isOther {
            return false
        }
        authorizations.challenge = best
        authorizations.isPresumed = false
        return true
    }

    /// How many scopes a request may need in addition to its own.
    private static let mostFurther = 8

    /// Records a refusal by what a request was redirected to within the registry.
    ///
    /// - Returns: Whether it names scopes, or asks for a login, that weren't known.
    func learnFurther(_ challenges: [AuthenticationChallenge], for request: RegistryRequest) -> Bool {
        guard let best = Self.best(of: challenges) else { return false }
        let key = request.scopeKey
        let known = authorizations.further[key] ?? []
        let missing = best.scopes.filter { !request.scopes.contains($0) && !known.contains($0) }
        let isFirst = authorizations.challenge == nil || authorizations.isPresumed
        guard isFirst || !missing.isEmpty, known.count + missing.count <= Self.mostFurther else { return false }
        if !missing.isEmpty { authorizations.further[key] = known + missing }
        authorizations.grants[key] = nil
        authorizations.challenge = best
        authorizations.isPresumed = false
        return true
    }

    /// Gives nil if there is nothing to send. `isPresumed` tells it that strangers may be let in.
    typealias Make =
        @Sendable (_ challenge: AuthenticationChallenge, _ scopes: [String], _ isPresumed: Bool) async throws -> Grant?

    /// The authorization of `request`, by `make` unless there is one already; requests for the same share it.
    ///
    /// - Parameter isAlone: Whether it is for this request alone.
    func authorization(for request: RegistryRequest, alone isAlone: Bool, make: @escaping Make) async throws -> String?
    {
        guard let challenge = authorizations.challenge else { return nil }
        // Repositories of one registry may have different logins.
        let key = request.scopeKey
        let scopes = request.scopes + (authorizations.further[key] ?? [])
        let isPresumed = authorizations.isPresumed
        guard !isAlone else { return try await make(challenge, scopes, isPresumed)?.header }
        while true {
            if let grant = authorizations.grants[key], !grant.isEnding(whereLastChance: !request.isRepeatable) {
                authorizations.grants[key]?.users += 1
                return grant.header
            }
            // Work for fewer scopes, or before strangers were refused, is other work.
            let work = (scopes + [isPresumed ? "?" : "!"]).joined(separator: " ")
            let grant = try await authorizations.granting.value(for: work) {
                try await make(challenge, scopes, isPresumed)
            }
            guard let grant else { return nil }
            // Of those who waited for it, the first may have used it up before the last comes here.
            if let refused = authorizations.refused[key], grant.received < refused { continue }
            if authorizations.grants[key].map({ $0.received < grant.received }) ?? true {
                authorizations.grants[key] = grant
            }
            authorizations.grants[key]?.users += 1
            return grant.header
        }
    }
}

extension AuthenticationChallenge {
    /// Whether it asks for the same as `other`, whatever the scopes.
    fileprivate func isLike(_ other: AuthenticationChallenge?) -> Bool {
        switch (self, other) {
        case (.basic, .basic): true
        case (.bearer(let realm, let service, _), .bearer(let otherRealm, let otherService, _)):
            realm == otherRealm && service == otherService
        default: false
        }
    }

    /// The scopes that the challenge names, one by one.
    fileprivate var scopes: [String] {
        guard case .bearer(_, _, let scope?) = self else { return [] }
        return scope.split(separator: " ").map(String.init)
    }
}

extension RegistryRequest {
    /// What a token may allow or not, whatever the scopes were that it was asked for.
    enum Kind: Sendable { case reading, writing }

    var kind: Kind { method == .GET || method == .HEAD ? .reading : .writing }

    /// The scopes as one text.
    var scopeKey: String { scopes.joined(separator: " ") }
}
