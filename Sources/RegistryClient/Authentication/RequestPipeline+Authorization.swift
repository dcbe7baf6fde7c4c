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
        var authorization = isOwn ? try await self.authorization(for: request, in: session) : nil
        var sent = ContinuousClock.now
        let (first, url) = try await reach(request, authorization, in: session)
        var response = first
        guard await session.isOwn(url) else { return (response, url, authorization) }
        await session.answered(url)
        // A new token may be refused as well, when others used it up or it ended before the registry looked at it: as long
        // as tokens get others through, another one may get this request through.
        var renewals = 0
        while response.status == .unauthorized {
            let challenges = AuthenticationChallenge.parse(response.headers["www-authenticate"].map { $0[...] })
            // The body is read in any case, so that the connection can serve the next request.
            var refused = await refusal(response, request.method, url, authorization)
            if authorization != nil { refused.login = await login(for: request.repository) }
            guard request.renewsAuthorization, renewals < Self.mostRenewals,
                await session.learn(challenges, rejected: authorization, sent: sent, for: request)
            else { throw refused }
            let rejected = authorization
            authorization = try await self.authorization(for: request, in: session)
            guard authorization != nil, authorization != rejected else { throw refused }
            sent = .now
            response = try await send(request, to: url, authorization)
            renewals += 1
        }
        if let authorization { await session.accepted(authorization, for: request) }
        return (response, url, authorization)
    }

    /// How many tokens a request uses up at most: far more than happens, so that nothing goes on without end.
    private static let mostRenewals = 30

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
        let (response, url) = try await reach(request, nil, in: session)
        let refused = await refusal(response, request.method, url, nil)
        guard await session.isOwn(url) else { return [] }
        await session.answered(url)
        if refused.isTransient { throw refused }
        guard response.status == .unauthorized else { return [] }
        return AuthenticationChallenge.parse(response.headers["www-authenticate"].map { $0[...] })
    }

    /// The `Authorization` header for `request`, nil while the registry hasn't asked for one or without credentials.
    private func authorization(for request: RegistryRequest, in session: RegistrySession) async throws -> String? {
        try await session.authorization(for: request) { challenge, scopes, isPresumed in
            let credential = try await credentials.credential(for: request.repository)
            switch (challenge, credential) {
            case (_, .registryToken(let token)): return Grant(header: "Bearer \(token)", isToken: false)
            case (.basic, .password(let username, let password)),
                (.basic, .identityToken(_, .password(let username, let password)?)):
                return Grant(header: Self.basic(username, password), isToken: false)
            case (.basic, _): return nil
            case (.bearer, nil) where isPresumed: return nil
            case (.bearer(let realm, let service, _), _):
                return try await fetchToken(realm, service, scopes, request.repository, credential)
            }
        }
    }

    static func basic(_ username: String, _ password: String) -> String {
        "Basic " + Data("\(username):\(password)".utf8).base64EncodedString()
    }

    /// What to call the login for `repository`, nil without one.
    private func login(for repository: Repository) async -> String? {
        (try? await credentials.credential(for: repository))?.shown
    }
}

extension Credential {
    /// What to call it in messages: the user's name where there is one.
    var shown: String {
        switch self {
        case .password(let username, _): "user '\(Secrets().plain(username))'"
        case .identityToken: "an identity token"
        case .registryToken: "a registry token"
        }
    }
}
