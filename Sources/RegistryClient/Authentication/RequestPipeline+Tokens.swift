import AsyncHTTPClient
import ContainerImage
import FoundationEssentials
import HTTPTransport
import NIOCore
import NIOHTTP1

/// Tokens of token servers: distribution token specification, "Token Authentication" and "OAuth2 Token Authentication".
extension RequestPipeline {
    /// A token for `scopes`.
    ///
    /// - Throws: `RegistryError`.
    func fetchToken(
        _ realm: String,
        _ service: String?,
        _ scopes: [String],
        _ repository: Repository,
        _ credential: Credential?
    ) async throws -> Grant {
        guard let url = RegistryURL(realm) else {
            throw RegistryError(
                request: "\(repository.registry)",
                reason: .authentication("the registry names '\(realm)' as its token server, which is not an http URL")
            )
        }
        if credential != nil, !url.isSecure, await !isTrusted(url, for: repository.registry) {
            throw RegistryError(
                request: "\(url)",
                reason: .authentication("credentials are not sent to a token server over plain http on another host")
            )
        }
        let wanted = TokenRequest(url: url, service: service, scopes: scopes, credential: credential)
        guard case .identityToken(let token, let password) = credential else {
            return try await ask(wanted, by: .get(credential.flatMap(Self.header)))
        }
        do {
            return try await ask(wanted, by: .post(token))
        } catch let error as RegistryError where Self.lacksOAuth(error) {
            do {
                return try await ask(wanted, by: .get(Self.header(token, password)))
            } catch let second as RegistryError {
                throw error.status == 400 || error.status == 401 ? error : second
            }
        }
    }

    /// What a token is asked for.
    private struct TokenRequest: Sendable {
        var url: RegistryURL
        var service: String?
        var scopes: [String]
        var credential: Credential?
    }

    /// How a token is asked for.
    private enum TokenForm: Sendable {
        /// With this `Authorization` header.
        case get(String?)
        /// With an identity token, in the manner of OAuth 2.
        case post(String)
    }

    private static func header(_ credential: Credential) -> String? {
        if case .password(let username, let password) = credential { basic(username, password) } else { nil }
    }

    /// The login for a token server that doesn't take an identity token by POST: the password beside it, else the identity
    /// token as the password.
    private static func header(_ identityToken: String, _ beside: Credential?) -> String {
        guard case .password(let username, let password) = beside else { return basic("<token>", identityToken) }
        return password.isEmpty ? basic(username, identityToken) : basic(username, password)
    }

    /// Whether a token server knows no POST: ACR answers it with 400, Artifactory with 401, others with the rest.
    private static func lacksOAuth(_ error: RegistryError) -> Bool {
        [303, 400, 401, 404, 405, 411, 415, 501].contains(error.status)
    }

    /// The request that wants the token is sent again where this fails for a while: not each of its tries need try again
    /// itself.
    private func ask(_ wanted: TokenRequest, by form: TokenForm) async throws -> Grant {
        let (outgoing, shown) = outgoing(wanted, form)
        let secrets = self.secrets(outgoing.headers.first(name: "authorization"), wanted.credential)
        let (response, bytes) = try await answer(to: outgoing, at: wanted.url, carryingLogin: wanted.credential != nil)
        guard response.status == .ok else {
            throw RegistryError(
                request: shown,
                reason: .status(
                    Int(response.status.code),
                    errors: RegistryError.details(in: bytes, without: secrets),
                    retryAfterSeconds: RetryAfter.seconds(in: response.headers)
                ),
                login: wanted.credential?.shown
            )
        }
        guard let answer = TokenAnswer(bytes) else {
            throw RegistryError(request: shown, reason: .badResponse("the token server's response has no token"))
        }
        return Grant(header: "Bearer \(answer.token)", lifetime: answer.lifetime, isToken: true)
    }

    private func outgoing(_ wanted: TokenRequest, _ form: TokenForm) -> (HTTPClientRequest, shown: String) {
        var items = wanted.service.map { [("service", $0)] } ?? []
        var outgoing: HTTPClientRequest
        let shown: String
        switch form {
        case .post(let token):
            items += [("scope", wanted.scopes.joined(separator: " "))]
            items += [("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", options.clientID)]
            outgoing = HTTPClientRequest(url: wanted.url.text)
            outgoing.method = .POST
            outgoing.headers.add(name: "content-type", value: "application/x-www-form-urlencoded")
            outgoing.body = .bytes(ByteBuffer(string: Self.form(items)))
            shown = "POST \(wanted.url)"
        case .get(let authorization):
            items += wanted.scopes.map { ("scope", $0) }
            outgoing = HTTPClientRequest(url: wanted.url.appending(query: Self.form(items)).text)
            if let authorization { outgoing.headers.add(name: "authorization", value: authorization) }
            shown = "GET \(wanted.url)"
        }
        if let userAgent = options.userAgent { outgoing.headers.add(name: "user-agent", value: userAgent) }
        return (outgoing, shown)
    }

    /// The whole answer, after redirects. A login goes along within the token server's host alone, and never from https to
    /// plain http.
    private func answer(
        to first: HTTPClientRequest,
        at url: RegistryURL,
        carryingLogin: Bool
    ) async throws -> (HTTPClientResponse, [UInt8]) {
        var outgoing = first
        var url = url
        var redirects = 0
        while true {
            let response: HTTPClientResponse
            let bytes: [UInt8]
            do {
                response = try await logged(outgoing.method, url, sending: 0) {
                    try await http.execute(outgoing, to: url)
                }
                bytes = Array(try await response.body.collect(upTo: 1 << 20).readableBytesView)
            } catch is NIOTooManyBytesError {
                throw RegistryError(
                    request: "\(outgoing.method) \(url)",
                    reason: .badResponse("the token server's response is longer than \(1 << 20) bytes")
                )
            } catch {
                throw await failure(error, outgoing.method, url)
            }
            // What asks for another method isn't followed with a token in the body.
            guard
                [301, 302, 307, 308].contains(response.status.code)
                    || (response.status.code == 303 && first.body == nil),
                let location = response.headers.first(name: "location"), let next = url.resolving(location)
            else { return (response, bytes) }
            redirects += 1
            if let problem = Self.problem(from: url, to: next, carryingLogin: carryingLogin, redirects) {
                throw RegistryError(request: "\(outgoing.method) \(url)", reason: .redirect(problem))
            }
            url = next
            outgoing.url = next.text
        }
    }

    private static func problem(
        from url: RegistryURL,
        to next: RegistryURL,
        carryingLogin: Bool,
        _ redirects: Int
    ) -> String? {
        if redirects > 10 { return "the token server redirects more than 10 times, the last time to \(next)" }
        if url.isSecure, !next.isSecure { return "a redirect from https to plain http (\(next)) is not followed" }
        guard carryingLogin else { return nil }
        let (here, there) = (url.hostAndPort, next.hostAndPort)
        let isUpgrade = !url.isSecure && next.isSecure && here.port == 80 && there.port == 443
        guard here.host == there.host, here.port == there.port || isUpgrade else {
            return "the token server redirects to another host (\(next)), where the login isn't sent"
        }
        return nil
    }

    /// Plain HTTP is acceptable for a token server that is this machine's, or the registry itself where that is spoken to
    /// over plain HTTP as well.
    private func isTrusted(_ url: RegistryURL, for host: RegistryHost) async -> Bool {
        if url.authority == host.name { return await sessions.session(for: host).usesPlainHTTP }
        return host.isLoopback && (try? RegistryHost(url.authority))?.isLoopback == true
    }

    private static func form(_ items: [(String, String)]) -> String {
        items.map { "\($0)=\(PercentEncoding.encode($1))" }.joined(separator: "&")
    }
}
