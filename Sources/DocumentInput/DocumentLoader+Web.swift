import AsyncHTTPClient
import Compression
import HTTPTransport
import NIOCore
import NIOHTTP1

/// Documents at http and https addresses.
extension DocumentLoader {
    /// The longest document that is taken, in bytes.
    private static let sizeLimit = 256 << 20

    /// What there is at an address.
    ///
    /// - Throws: `InputError`, without the password that the address may hold.
    static func fetch(_ address: String, by web: WebSettings) async throws -> Input {
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(
                connect: .seconds(min(10, web.idleTimeoutSeconds)),
                read: .seconds(web.idleTimeoutSeconds)
            )
        )
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = RoutedHTTPClient(
            configuration: configuration,
            tls: { web.authorities.tlsConfiguration() },
            proxies: web.proxies
        )
        let input: Result<Input, any Error>
        do {
            input = .success(try await fetch(address, by: client, web))
        } catch {
            input = .failure(error)
        }
        try? await client.shutdown()
        return try input.get()
    }

    private static func fetch(
        _ address: String,
        by client: RoutedHTTPClient,
        _ web: WebSettings
    ) async throws -> Input {
        guard let start = HTTPAddress(address) else {
            throw InputError(
                name: shown(address),
                reason: "the address is invalid (a host is needed, and a port must be 1 to 65535)"
            )
        }
        let name = start.description
        do {
            let login = UserInformation(address: address)
            let response = try await follow(start, login: login, by: client, web)
            guard response.status == .ok else {
                throw InputError(name: name, reason: "the server answered \(response.status.code) \(response.phrase)")
            }
            return Input(name: name, bytes: try await content(of: response))
        } catch let error as InputError {
            throw error
        } catch {
            if Task.isCancelled { throw CancellationError() }
            throw InputError(name: name, reason: explain(error, web.authorities))
        }
    }

    /// The answer's bytes, unpacked where the server has compressed them.
    private static func content(of response: HTTPClientResponse) async throws -> [UInt8] {
        let coding = response.headers[canonicalForm: "content-encoding"].joined(separator: ", ").lowercased()
        guard !coding.isEmpty, coding != "identity" else {
            return Array(try await response.body.collect(upTo: sizeLimit).readableBytesView)
        }
        guard coding == "gzip" || coding == "x-gzip" else { throw UnknownCodingError(name: coding) }
        // Gzip's members may follow one another: RFC 1952, section 2.2. The size bounds what they come to.
        var expansion = try Expansion(of: .gzip, limit: nil)
        var bytes: [UInt8] = []
        for try await chunk in response.body {
            expansion.add(chunk)
            while let part = try expansion.next() {
                guard part.readableBytes <= sizeLimit - bytes.count else {
                    throw NIOTooManyBytesError(maxBytes: sizeLimit)
                }
                bytes += part.readableBytesView
            }
        }
        try expansion.finish()
        return bytes
    }

    private static func explain(_ error: any Error, _ authorities: TrustedAuthorities) -> String {
        if error is NIOTooManyBytesError { return "the document is longer than \(sizeLimit >> 20) MiB" }
        if error is CompressionError { return "the server's compression is damaged" }
        if let error = error as? UnknownCodingError {
            return "the server has encoded the document as '\(error.name)', which it wasn't asked for"
        }
        if let error = error as? ServerIdentityError { return "\(error)" }
        if TransportFailure.isCertificateFailure(error) {
            if let problem = authorities.problem { return "the server's certificate is not trusted; \(problem)" }
            return "the server's certificate is not trusted; SSL_CERT_FILE can name a file of the authorities to trust"
        }
        return TransportFailure.explain(error, by: "the server")
    }

    /// The answer at the end of all redirects. A login goes to the server of the address that has it alone.
    private static func follow(
        _ start: HTTPAddress,
        login: UserInformation?,
        by client: RoutedHTTPClient,
        _ web: WebSettings
    ) async throws -> HTTPClientResponse {
        let deadline = NIODeadline.now() + .seconds(60)
        var address = start
        for _ in 0...10 {
            var request = HTTPClientRequest(url: address.text)
            request.headers.add(name: "user-agent", value: web.userAgent)
            // Documents repeat themselves: they shrink to a hundredth and less.
            request.headers.add(name: "accept-encoding", value: "gzip")
            if let login, address.origin == start.origin {
                request.headers.add(name: "authorization", value: login.basic)
            }
            let response = try await reported(address, to: web) { [request] in
                try await client.execute(request, deadline: deadline)
            }
            guard [301, 302, 303, 307, 308].contains(response.status.code),
                let location = response.headers.first(name: "location")
            else { return response }
            guard let next = address.resolving(location) else {
                throw InputError(name: "\(start)", reason: "the server redirects to what is not an http or https URL")
            }
            guard next.isSecure || !address.isSecure else {
                throw InputError(
                    name: "\(start)",
                    reason: "a redirect from https to plain http is not followed"
                )
            }
            address = next
        }
        throw InputError(name: "\(start)", reason: "the server redirects more than 10 times")
    }

    /// What `send` gives, after it was reported.
    private static func reported(
        _ address: HTTPAddress,
        to web: WebSettings,
        _ send: () async throws -> HTTPClientResponse
    ) async throws -> HTTPClientResponse {
        guard let report = web.report else { return try await send() }
        let start = ContinuousClock.now
        do {
            let response = try await send()
            report(
                FetchRecord(
                    address: address.description,
                    status: Int(response.status.code),
                    receivedBytes: response.headers.first(name: "content-length").flatMap { Int64($0) },
                    duration: start.duration(to: .now)
                )
            )
            return response
        } catch {
            report(FetchRecord(address: address.description, duration: start.duration(to: .now)))
            throw error
        }
    }

    /// An address as it may be printed: without user, password and query, which may hold secrets.
    private static func shown(_ address: String) -> String {
        let bare = address.prefix { $0 != "?" && $0 != "#" }
        let start = bare.firstIndex(of: "/").map { bare.index($0, offsetBy: 2, limitedBy: bare.endIndex) ?? $0 }
        guard let start else { return String(bare) }
        let host = bare[start...].prefix { $0 != "/" }
        guard let at = host.lastIndex(of: "@") else { return String(bare) }
        return String(bare[..<start] + bare[bare.index(after: at)...])
    }
}

extension HTTPClientResponse {
    /// The usual words of the status; a server's own might have anything in them.
    fileprivate var phrase: String { HTTPResponseStatus(statusCode: Int(status.code)).reasonPhrase }
}

/// A content coding that can't be undone.
private struct UnknownCodingError: Error {
    let name: String
}
