import AsyncHTTPClient
import ContainerImage
import FoundationEssentials
import NIOHTTP1

/// Authorization: Basic as it is, Bearer by a token of the token server (distribution token specification, OAuth 2).
extension RequestPipeline {
    /// An answer that isn't a refusal for want of authorization, and what was sent for it.
    typealias Authorized = (response: HTTPClientResponse, url: RegistryURL, authorization: String?)

    /// Sends `request` with what the registry wants to see, as far as there is such.
    ///
    /// - Throws: `RegistryError` with the status 401 when nothing that can be sent is enough.
    func sendAuthorized(_ request: RegistryRequest, in session: RegistrySession) async throws -> Authorized {
        try await learnChallenge(for: request, in: session)
        let isOwn = try await session.isOwn(session.url(for: request.target))
        var authorization = isOwn ? try await self.authorization(for: request, alone: false, in: session) : nil
        var sent = ContinuousClock.now
        let first = try await tryingLogin(authorization, for: request, in: session) {
            try await reach(request, authorization, in: session)
        }
        var (response, url, isLoginRejected) = first
        guard await session.isOwn(url) else { return (response, url, authorization) }
        await session.answered(url)
        var renewals = Renewals()
        while response.status == .unauthorized {
            let challenges = AuthenticationChallenge.parse(response.headers["www-authenticate"].map { $0[...] })
            // The body is read in any case, so that the connection can serve the next request.
            var refused = await refusal(response, request.method, url, authorization)
            if authorization != nil {
                refused.login = await login(for: request.repository)
            } else {
                refused.nearMiss = credentials.nearMiss(for: request.repository)
            }
            refused.isLoginRejected = isLoginRejected
            if challenges.isEmpty { refused.unknownChallenge = Self.schemes(response.headers["www-authenticate"]) }
            guard request.renewsAuthorization else { throw refused }
            if !renewals.isAlone {
                let mayPass = await session.learn(challenges, rejected: authorization, sent: sent, for: request)
                guard mayPass else { throw refused }
            }
            let getThrough = await session.hasAccepted(request)
            guard renewals.next(whereOthersGetThrough: getThrough) else { throw refused }
            let rejected = authorization
            authorization = try await self.authorization(for: request, alone: renewals.isAlone, in: session)
            guard authorization != nil, authorization != rejected else { throw refused }
            session.limit.countFurtherRequest()
            sent = .now
            (response, url, isLoginRejected) = try await tryingLogin(authorization, for: request, in: session) {
                (try await send(request, to: url, authorization), url)
            }
        }
        if let authorization { await session.accepted(authorization, for: request) }
        return (response, url, authorization)
    }

    /// Asks `/v2/` how the registry wants requests to be authorized, once, where there is a login for it and nothing is known
    /// yet (distribution specification, "Determining Support"). Some registries let strangers in, and hide from them what
    /// they may not see without ever asking for a login.
    private func learnChallenge(for request: RegistryRequest, in session: RegistrySession) async throws {
        let repository = request.repository
        guard case .path = request.target, await session.mayAskForChallenge(for: repository) else { return }
        guard await credentials.hasLogin(for: repository) else { return await session.hasNoLogin(for: repository) }
        try await session.learnChallenge {
            do {
                return try await options.retries.run { _ in try await challenges(of: repository, in: session) }
            } catch let error as RegistryError where error.status != nil {
                // What matters is whether the registry answers where the images are.
                return []
            }
        }
    }

    private func challenges(
        of repository: Repository,
        in session: RegistrySession
    ) async throws -> [AuthenticationChallenge] {
        let request = RegistryRequest(method: .GET, repository: repository, target: .path("/v2/"), actions: "pull")
        session.limit.countFurtherRequest()
        let (response, url) = try await reach(request, nil, in: session)
        let refused = await refusal(response, request.method, url, nil)
        guard await session.isOwn(url) else { return [] }
        await session.answered(url)
        if refused.isTransient { throw refused }
        guard response.status == .unauthorized else { return [] }
        return AuthenticationChallenge.parse(response.headers["www-authenticate"].map { $0[...] })
    }

    /// The `Authorization` header for `request`, nil while the registry hasn't asked for one or without credentials.
    private func authorization(
        for request: RegistryRequest,
        alone isAlone: Bool,
        in session: RegistrySession
    ) async throws -> String? {
        try await session.authorization(for: request, alone: isAlone) { challenge, scopes, isPresumed in
            let credential = try await self.credential(for: request.repository)
            switch (challenge, credential) {
            case (_, .registryToken(let token)):
                guard TokenAnswer.isSendable(token) else {
                    throw RegistryError(
                        request: "\(request.repository.registry)",
                        reason: .authentication("the registry token has characters that are not allowed in a header")
                    )
                }
                return Grant(header: "Bearer \(token)", isToken: false)
            case (.basic, .password(let username, let password)),
                (.basic, .identityToken(_, .password(let username, let password)?)):
                return Grant(header: Self.basic(username, password), isToken: false)
            case (.basic, _): return nil
            case (.bearer, nil) where isPresumed: return nil
            case (.bearer(let realm, let service, _), _):
                guard let credential else {
                    return try await fetchToken(realm, service, scopes, request.repository, nil)
                }
                return try await tryingLogin(credential, for: scopes, of: request, in: session) {
                    try await fetchToken(realm, service, scopes, request.repository, credential)
                }
            }
        }
    }

    /// The authorization for where a redirect within the registry led to, such as another repository; nil if what was sent
    /// can't be bettered.
    func authorization(
        for request: RegistryRequest,
        refusedWith response: Response,
        in session: RegistrySession
    ) async throws -> String? {
        let challenges = AuthenticationChallenge.parse(response.headers["www-authenticate"].map { $0[...] })
        guard request.renewsAuthorization, await session.learnFurther(challenges, for: request) else { return nil }
        return try await authorization(for: request, alone: false, in: session)
    }

    static func basic(_ username: String, _ password: String) -> String {
        "Basic " + Data("\(username):\(password)".utf8).base64EncodedString()
    }

    /// The first words of challenges, safe to print; nil without any.
    private static func schemes(_ values: [String]) -> String? {
        let words = values.compactMap { $0.split { " \t,".contains($0) }.first }.map { Secrets().redacted(String($0)) }
        return words.isEmpty ? nil : words.joined(separator: ", ")
    }

    /// The login for `repository`, nil without one.
    ///
    /// - Throws: `CredentialError`.
    private func credential(for repository: Repository) async throws -> Credential? {
        do {
            return try await credentials.credential(for: repository)
        } catch {
            throw CredentialError.naming(repository.registry, error)
        }
    }
}

/// How often a request was refused for want of authorization. A token may be used up by others, or end before the registry
/// looks at it: that is no refusal of the request. Its own token's refusal is.
private struct Renewals {
    private var shared = 0
    private var alone = 0

    /// Whether the last token was for the request alone.
    var isAlone: Bool { alone > 0 }

    /// Counts another token; false when there have been enough.
    mutating func next(whereOthersGetThrough getThrough: Bool) -> Bool {
        if shared < 3 {
            shared += 1
            return true
        }
        alone += 1
        return alone <= (getThrough ? 5 : 1)
    }
}

extension Credential {
    /// What to call it in messages: the user's name where there is one.
    var shown: String {
        switch self {
        case .password(let username, _): "user '\(Secrets().redacted(username))'"
        case .identityToken: "an identity token"
        case .registryToken: "a registry token"
        }
    }
}
