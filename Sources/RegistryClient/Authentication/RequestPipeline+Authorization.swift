import AsyncHTTPClient
import ContainerImage
import FoundationEssentials
import HTTPProxies
import NIOCore
import NIOHTTP1

/// Authorization: Basic as it is, Bearer by a token of the token server (distribution token specification, OAuth 2).
extension RequestPipeline {
    /// The `Authorization` header for `request`, nil while the registry hasn't asked for one or without credentials.
    func authorization(for request: RegistryRequest, in session: RegistrySession) async throws -> String? {
        try await session.authorization(for: request.scopes) { challenge, scopes in
            let credential = try await credentials.credential(for: request.repository)
            switch (challenge, credential) {
            case (_, .registryToken(let token)): return "Bearer \(token)"
            case (.basic, .password(let username, let password)),
                (.basic, .identityToken(_, .password(let username, let password)?)):
                return Self.basic(username, password)
            case (.basic, _): return nil
            case (.bearer(let realm, let service, _), _):
                let token = try await fetchToken(realm, service, scopes, request, credential)
                return "Bearer \(token)"
            }
        }
    }

    private static func basic(_ username: String, _ password: String) -> String {
        "Basic " + Data("\(username):\(password)".utf8).base64EncodedString()
    }

    private struct TokenAnswer: Decodable {
        var token: String?
        var accessToken: String?
        enum CodingKeys: String, CodingKey {
            case token
            case accessToken = "access_token"
        }
    }

    private func fetchToken(
        _ realm: String,
        _ service: String?,
        _ scopes: [String],
        _ request: RegistryRequest,
        _ credential: Credential?
    ) async throws -> String {
        guard let url = RegistryURL(realm) else {
            throw RegistryError(
                request: "\(request.repository.registry)",
                reason: .authentication("the registry names '\(realm)' as its token server, which is no http address")
            )
        }
        if credential != nil, !url.isSecure, await !isTrusted(url, for: request.repository.registry) {
            throw RegistryError(
                request: "\(url)",
                reason: .authentication("credentials are not sent to a token server over plain http on another host")
            )
        }
        // The request that wants the token is sent again where this fails for a while: not each of its tries need try
        // again itself.
        let (outgoing, shown) = tokenRequest(url, service, scopes, credential)
        let response: HTTPClientResponse
        let bytes: [UInt8]
        do {
            response = try await http.execute(outgoing, deadline: .distantFuture)
            bytes = Array(try await response.body.collect(upTo: 1 << 20).readableBytesView)
        } catch is NIOTooManyBytesError {
            throw RegistryError(
                request: shown,
                reason: .badResponse("the token server's answer is longer than \(1 << 20) bytes")
            )
        } catch {
            throw await failure(error, outgoing.method, url)
        }
        guard response.status == .ok else {
            throw RegistryError(
                request: shown,
                reason: .status(
                    Int(response.status.code),
                    errors: RegistryError.details(in: bytes, without: Secrets(credential)),
                    retryAfterSeconds: RetryAfter.seconds(in: response.headers)
                )
            )
        }
        let answer = try? JSONDecoder().decode(TokenAnswer.self, from: Data(bytes))
        guard let token = [answer?.token, answer?.accessToken].compactMap(\.self).first(where: { !$0.isEmpty }) else {
            throw RegistryError(request: shown, reason: .badResponse("the token server's answer holds no token"))
        }
        return token
    }

    /// Plain HTTP is acceptable for a token server that is this machine's, or the registry itself where that is spoken to
    /// over plain HTTP as well.
    private func isTrusted(_ url: RegistryURL, for host: RegistryHost) async -> Bool {
        if url.authority == host.name { return await sessions.session(for: host).usesPlainHTTP }
        return host.isLoopback && (try? RegistryHost(url.authority))?.isLoopback == true
    }

    private func tokenRequest(
        _ url: RegistryURL,
        _ service: String?,
        _ scopes: [String],
        _ credential: Credential?
    ) -> (HTTPClientRequest, shown: String) {
        var items = service.map { [("service", $0)] } ?? []
        if case .identityToken(let token, _) = credential {
            items += [("scope", scopes.joined(separator: " "))]
            items += [("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", "kbld")]
            var outgoing = HTTPClientRequest(url: url.text)
            outgoing.method = .POST
            outgoing.headers.add(name: "content-type", value: "application/x-www-form-urlencoded")
            outgoing.headers.add(name: "user-agent", value: options.userAgent)
            outgoing.body = .bytes(ByteBuffer(string: Self.form(items)))
            return (outgoing, "POST \(url)")
        }
        items += scopes.map { ("scope", $0) }
        var outgoing = HTTPClientRequest(url: url.appending(query: Self.form(items)).text)
        outgoing.headers.add(name: "user-agent", value: options.userAgent)
        if case .password(let username, let password) = credential {
            outgoing.headers.add(name: "authorization", value: Self.basic(username, password))
        }
        return (outgoing, "GET \(url)")
    }

    private static func form(_ items: [(String, String)]) -> String {
        items.map { "\($0)=\(PercentEncoding.encode($1))" }.joined(separator: "&")
    }
}

/// Percent-encoding of query values (RFC 3986, section 2.3: all but unreserved characters).
enum PercentEncoding {
    static func encode(_ text: String) -> String {
        var encoded = ""
        for byte in text.utf8 {
            let isUnreserved =
                (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
                || [UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~")].contains(byte)
            if isUnreserved {
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += digits.count == 1 ? "%0" + digits : "%" + digits
            }
        }
        return encoded
    }
}
