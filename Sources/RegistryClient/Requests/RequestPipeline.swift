import AsyncHTTPClient
import ContainerImage
import HTTPProxies
import ImageStore
import Logging
import NIOCore
import NIOHTTP1

/// The one way that requests take: scheme, authorization, redirects, time limits, retries, errors.
struct RequestPipeline: Sendable {
    let http: RoutedHTTPClient
    let options: RegistryOptions
    let credentials: CredentialStore
    let sessions: RegistrySessions
    let logger: Logger

    init(http: RoutedHTTPClient, options: RegistryOptions, credentials: CredentialStore, logger: Logger) {
        self.http = http
        self.options = options
        self.credentials = credentials
        self.logger = logger
        sessions = RegistrySessions(
            allowsPlainHTTP: options.allowsPlainHTTP,
            patience: credentials.isEmpty ? .milliseconds(10) : nil
        )
    }

    /// An answer and the address that it came from, after redirects.
    struct Response: Sendable {
        var head: HTTPClientResponse
        var url: RegistryURL

        var status: HTTPResponseStatus { head.status }
        var headers: HTTPHeaders { head.headers }

        /// The whole body.
        ///
        /// - Throws: `RegistryError` when it is longer than `limit` bytes.
        func bytes(limit: Int) async throws -> [UInt8] {
            let tooLong = RegistryError(
                request: "\(url)",
                reason: .badResponse("the answer is longer than \(limit) bytes, the most that is taken")
            )
            if let length = contentLength, length > limit { throw tooLong }
            var bytes: [UInt8] = []
            for try await chunk in head.body {
                guard bytes.count + chunk.readableBytes <= limit else { throw tooLong }
                bytes.append(contentsOf: chunk.readableBytesView)
            }
            return bytes
        }

        /// What the answer says of its body's length.
        var contentLength: Int64? { headers.first(name: "content-length").flatMap { Int64($0) } }

        /// Whether this is a page for people, such as a proxy's or a captive portal's, where a registry gives none.
        var isPage: Bool {
            headers.first(name: "content-type").map { MediaType($0).text.hasPrefix("text/html") } ?? false
        }
    }

    /// Sends `request` until there is an accepted answer.
    ///
    /// - Throws: `RegistryError`.
    func send(_ request: RegistryRequest) async throws -> Response {
        try await options.retries.run { _ in try await attempt(request) }
    }

    /// Sends `request` and takes its whole small body, both as one step of the retry policy.
    func collect(
        _ request: RegistryRequest,
        limit: Int,
        retrying: Bool = true
    ) async throws -> (response: Response, bytes: [UInt8]) {
        try await (retrying ? options.retries : .none).run { _ in
            let response = try await attempt(request)
            do {
                return (response, try await response.bytes(limit: limit))
            } catch {
                throw await failure(error, request.method, response.url)
            }
        }
    }

    private func attempt(_ request: RegistryRequest) async throws -> Response {
        try credentials.check()
        let session = await sessions.session(for: request.repository.registry)
        let isScout = try await session.admit()
        do {
            let response = try await attempt(request, in: session)
            if isScout { await session.scoutReturned() }
            return response
        } catch {
            if isScout { await session.scoutReturned() }
            throw error
        }
    }

    private func attempt(_ request: RegistryRequest, in session: RegistrySession) async throws -> Response {
        var url = try await session.url(for: request.target)
        var authorization = try await session.isOwn(url) ? self.authorization(for: request, in: session) : nil
        var response: HTTPClientResponse
        do {
            (response, url) = try await begin(request, at: url, authorization: authorization, in: session)
        } catch {
            guard await session.fallsBack(from: url, after: error) else {
                throw await failure(error, request.method, url)
            }
            url = try await session.url(for: request.target)
            do {
                response = try await execute(request, at: url, authorization: authorization)
            } catch let second {
                await session.fallBackFailed()
                throw await failure(second, request.method, url, first: error)
            }
            await session.keepsPlainHTTP()
        }
        if await session.isOwn(url) {
            await session.answered(url, accepting: response.status == .unauthorized ? nil : authorization)
        }
        // A new token may be refused as well, when it is used up or expires before this request is sent with it.
        var renewals = 0
        while await session.isOwn(url), response.status == .unauthorized, renewals < 5 {
            let challenges = AuthenticationChallenge.parse(response.headers["www-authenticate"].map { $0[...] })
            // The body is read in any case, so that the connection can serve the next request.
            let refused = await refusal(response, request.method, url, authorization)
            guard await session.learn(challenges, rejected: authorization, for: request.scopes) else { throw refused }
            authorization = try await self.authorization(for: request, in: session)
            guard authorization != nil else { throw refused }
            response = try await send(request, to: url, authorization)
            if response.status != .unauthorized { await session.answered(url, accepting: authorization) }
            renewals += 1
        }
        return try await finish(request, Response(head: response, url: url), authorization, in: session)
    }

    /// Follows redirects and turns what isn't accepted into an error.
    private func finish(
        _ request: RegistryRequest,
        _ first: Response,
        _ authorization: String?,
        in session: RegistrySession
    ) async throws -> Response {
        var response = first
        var redirects = 0
        // Only these two keep the method, and with it the body.
        let codes: Set<UInt> = request.body == nil ? [301, 302, 303, 307, 308] : [307, 308]
        while codes.contains(response.head.status.code) {
            let from = response.url
            _ = try? await response.head.body.collect(upTo: 1 << 16)
            redirects += 1
            guard redirects <= 10 else {
                throw RegistryError(
                    request: "\(request.method) \(first.url)",
                    reason: .redirect("more than 10 redirects, the last to \(from)")
                )
            }
            guard let location = response.head.headers.first(name: "location"), let url = from.resolving(location)
            else {
                throw RegistryError(
                    request: "\(request.method) \(from)",
                    reason: .badResponse("a redirect without a usable Location")
                )
            }
            guard url.isSecure || !from.isSecure else {
                throw RegistryError(
                    request: "\(request.method) \(from)",
                    reason: .redirect("a redirect from https to plain http (\(url)) is not followed")
                )
            }
            let own = await session.isOwn(url)
            response = Response(
                head: try await send(request, to: url, own ? authorization : nil),
                url: url
            )
        }
        guard request.accepted.contains(response.head.status.code) else {
            if response.isPage, response.status == .ok {
                throw RegistryError(
                    request: "\(request.method) \(response.url)",
                    reason: .badResponse("the answer is a page for people: is a proxy or a login in between?")
                )
            }
            throw await refusal(response.head, request.method, response.url, authorization)
        }
        // Until an answer has ended, dropping it gives up its connection; without a body it ends at once.
        if request.method == .HEAD { _ = try? await response.head.body.collect(upTo: 1 << 16) }
        return response
    }

    /// Sends the request once, with errors that name it.
    private func send(
        _ request: RegistryRequest,
        to url: RegistryURL,
        _ authorization: String?
    ) async throws -> HTTPClientResponse {
        do {
            return try await execute(request, at: url, authorization: authorization)
        } catch {
            throw await failure(error, request.method, url)
        }
    }

    func execute(
        _ request: RegistryRequest,
        at url: RegistryURL,
        authorization: String?
    ) async throws -> HTTPClientResponse {
        var outgoing = HTTPClientRequest(url: url.text)
        outgoing.method = request.method
        outgoing.headers = request.headers
        outgoing.headers.replaceOrAdd(name: "user-agent", value: options.userAgent)
        if let authorization { outgoing.headers.replaceOrAdd(name: "authorization", value: authorization) }
        var taken: TakenBody?
        switch request.body {
        case nil: break
        case .bytes(let bytes): outgoing.body = .bytes(ByteBuffer(bytes: bytes))
        case .blob(let blob, let source, let item):
            let body = TakenBody(try await source.content(of: blob, from: 0).verified(as: blob, counting: item))
            outgoing.body = .stream(body, length: .known(blob.size))
            taken = body
        }
        logger.debug("\(request.method) \(url)")
        do {
            let ready = outgoing
            let response =
                if let taken {
                    try await taken.watched(atMost: .seconds(options.idleTimeoutSeconds)) {
                        try await http.execute(ready, deadline: .distantFuture)
                    }
                } else {
                    try await http.execute(ready, deadline: .distantFuture)
                }
            logger.debug("\(request.method) \(url) -> \(response.status.code)")
            return response
        } catch let error as RegistryError {
            throw error
        } catch let error as HTTPClientError where error == .cancelled {
            throw CancellationError()
        }
    }

    private func refusal(
        _ response: HTTPClientResponse,
        _ method: HTTPMethod,
        _ url: RegistryURL,
        _ authorization: String?
    ) async -> RegistryError {
        let body = try? await response.body.collect(upTo: 1 << 16)
        return RegistryError(
            request: "\(method) \(url)",
            reason: .status(
                Int(response.status.code),
                errors: RegistryError.details(
                    in: body.map { Array($0.readableBytesView) } ?? [],
                    without: Secrets(authorization: authorization)
                ),
                retryAfterSeconds: RetryAfter.seconds(in: response.headers)
            )
        )
    }

    /// What went wrong below HTTP, with the request that it happened to.
    func failure(
        _ error: any Error,
        _ method: HTTPMethod,
        _ url: RegistryURL,
        first: (any Error)? = nil
    ) async -> any Error {
        if error is CancellationError || error is RegistryError { return error }
        if TransportFailure.isContentFailure(error) { return error }
        if let error = error as? HTTPClientError, error == .cancelled { return CancellationError() }
        var text = TransportFailure.explain(error)
        if TransportFailure.isCertificateFailure(error) {
            text = await CertificateProblem.find(at: url, after: error).description
        }
        if let first { text += " (over https: \(TransportFailure.explain(first)))" }
        return RegistryError(
            request: "\(method) \(url)",
            reason: .transport(text, isTransient: RetryPolicy.isTransient(error))
        )
    }
}
