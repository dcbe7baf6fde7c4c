import AsyncHTTPClient
import ContainerImage
import NIOHTTP1

/// Sending logins, with one request at a time until one is accepted.
extension RequestPipeline {
    /// Sends `request` by `attempt`, in its turn where a login goes along that the registry hasn't accepted yet.
    ///
    /// - Returns: The answer, and whether it rejects such a login.
    func tryingLogin(
        _ authorization: String?,
        for request: RegistryRequest,
        in session: RegistrySession,
        by attempt: () async throws -> (HTTPClientResponse, RegistryURL)
    ) async throws -> (response: HTTPClientResponse, url: RegistryURL, isLoginRejected: Bool) {
        guard let authorization, authorization.hasPrefix("Basic "),
            try await session.logins.begin(authorization, for: request.scopeKey, of: request.created)
        else {
            let (response, url) = try await attempt()
            return (response, url, false)
        }
        var outcome = LoginTrials.Outcome.undecided
        let result: Result<(HTTPClientResponse, RegistryURL), any Error>
        do {
            let (response, url) = try await attempt()
            result = .success((response, url))
            outcome = await self.outcome(of: response, from: url, for: request)
        } catch {
            result = .failure(error)
        }
        await session.logins.end(authorization, for: request.scopeKey, with: outcome)
        let (response, url) = try result.get()
        if case .rejected = outcome { return (response, url, true) }
        return (response, url, false)
    }

    /// What an answer to a request with a login says of the login.
    private func outcome(
        of response: HTTPClientResponse,
        from url: RegistryURL,
        for request: RegistryRequest
    ) async -> LoginTrials.Outcome {
        switch response.status.code {
        case 401:
            // Where a token is wanted the login itself wasn't looked at.
            let challenges = AuthenticationChallenge.parse(response.headers["www-authenticate"].map { $0[...] })
            guard !challenges.contains(where: \.isBearer) else { return .undecided }
            var error = RegistryError(
                request: "\(request.method) \(url)",
                reason: .status(401, errors: [], retryAfterSeconds: nil),
                login: await login(for: request.repository)
            )
            error.isLoginRejected = true
            return .rejected(error)
        case 403, 407, 408, 429, 500...: return .undecided
        default: return .accepted
        }
    }

    /// A token for `credential`, in its turn where that wasn't accepted yet.
    ///
    /// - Throws: `RegistryError`.
    func tryingLogin(
        _ credential: Credential,
        for scopes: [String],
        of request: RegistryRequest,
        in session: RegistrySession,
        by fetch: () async throws -> Grant
    ) async throws -> Grant {
        let (login, scope) = (Self.key(of: credential), scopes.joined(separator: " "))
        guard try await session.logins.begin(login, for: scope, of: request.created) else {
            return try await fetch()
        }
        var outcome = LoginTrials.Outcome.undecided
        var result: Result<Grant, any Error>
        do {
            result = .success(try await fetch())
            outcome = .accepted
        } catch var error as RegistryError {
            // Some say 400 of an identity token, and 403 of a password.
            if [400, 401, 403].contains(error.status) {
                error.isLoginRejected = true
                outcome = .rejected(error)
            }
            result = .failure(error)
        } catch {
            result = .failure(error)
        }
        await session.logins.end(login, for: scope, with: outcome)
        return try result.get()
    }

    /// What tells one login from another: of a password the header that it makes, wherever that goes.
    private static func key(of credential: Credential) -> String {
        switch credential {
        case .password(let username, let password): basic(username, password)
        case .identityToken(let token, _): "identity \(token)"
        case .registryToken(let token): "Bearer \(token)"
        }
    }

    /// What to call the login for `repository`, nil without one.
    func login(for repository: Repository) async -> String? {
        (try? await credentials.credential(for: repository))?.shown
    }
}
