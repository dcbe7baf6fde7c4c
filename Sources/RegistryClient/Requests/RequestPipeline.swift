import AsyncHTTPClient
import ContainerImage
import HTTPTransport
import ImageStore
import Logging
import NIOCore
import NIOHTTP1

/// The one way that requests take: scheme, authorization, redirects, time limits, retries, errors.
struct RequestPipeline: Sendable {
    let http: RegistryTransport
    private(set) var options: RegistryOptions
    let credentials: any CredentialProvider
    let sessions: RegistrySessions
    let logger: Logger
    private let warnings: RegistryWarnings
    private let proxySecrets: Secrets

    init(
        http: RegistryTransport,
        options: RegistryOptions,
        credentials: any CredentialProvider,
        logger: Logger
    ) {
        self.http = http
        self.options = options
        self.credentials = credentials
        self.logger = logger
        warnings = RegistryWarnings(options.warning)
        proxySecrets = options.proxies.credentials.reduce(Secrets()) { Secrets(authorization: "Basic " + $1, $0) }
        sessions = RegistrySessions(
            options: options,
            probeTimeout: credentials.isEmpty ? .milliseconds(10) : nil
        )
    }

    /// The same for requests that are sent once, and for which no registry is waited.
    var withoutRetries: RequestPipeline {
        var pipeline = self
        pipeline.options.retries = .none
        pipeline.options.retries.longestRetryAfterSeconds = 0
        return pipeline
    }

    /// Sends `request` until there is an accepted answer.
    ///
    /// - Throws: `RegistryError`.
    func send(_ request: RegistryRequest) async throws -> Response {
        try await repeated(request) { try await attempt(request) }
    }

    /// Sends `request` and takes the answer's whole small body, both as one step of the retry policy. Only a GET's is
    /// needed; those of others are empty here.
    func collect(
        _ request: RegistryRequest,
        limit: Int,
        retrying: Bool = true
    ) async throws -> (response: Response, bytes: [UInt8]) {
        try await repeated(request, retrying ? nil : RetryPolicy.none) {
            let response = try await attempt(request)
            guard request.method == .GET else {
                await response.head.discardBody()
                return (response, [])
            }
            do {
                let bytes = try await response.bytes(limit: limit)
                try await options.rateLimit?.take(bytes.count)
                return (response, bytes)
            } catch {
                throw await failure(error, request.method, response.url)
            }
        }
    }

    private func attempt(_ request: RegistryRequest) async throws -> Response {
        let registry = request.repository.registry
        do { try credentials.check() } catch { throw CredentialError.naming(registry, error) }
        let session = await sessions.session(for: registry)
        let isProbe = try await session.admit()
        do {
            let response = try await limited(request, in: session)
            if isProbe { await session.probeFinished() }
            return response
        } catch {
            if isProbe { await session.probeFinished() }
            throw error
        }
    }

    /// Sends the request when the registry bears another one. One that was refused because there were too many at once is
    /// sent again when there are fewer: that it was refused is no fault of its own.
    private func limited(_ request: RegistryRequest, in session: RegistrySession) async throws -> Response {
        var repeats = 0
        while true {
            let admission: RequestLimit.Admission
            do {
                admission = try await session.limit.enter(head: request.method == .HEAD)
            } catch let refusal as RegistryError {
                throw RegistryError(
                    request: "\(request.method) \(try await session.url(for: request.target))",
                    reason: refusal.reason
                )
            }
            do {
                let response = try await attempt(request, in: session)
                session.limit.leave(admission)
                return response
            } catch {
                let refusal = error as? RegistryError
                let isCrowded = session.limit.leave(
                    admission,
                    status: refusal?.status,
                    retryAfterSeconds: refusal?.retryAfterSeconds,
                    longestWaitSeconds: options.retries.longestRetryAfterSeconds
                )
                if let refusal, session.limit.pauses >= max(options.retries.attempts, 2) {
                    Self.giveUp(session.limit, after: refusal, to: request)
                }
                let isWorth =
                    isCrowded && options.retries.attempts > 1
                    && !session.limit.isGivingUp(head: request.method == .HEAD)
                guard isWorth, request.isRepeatable, repeats < 8 else { throw error }
                repeats += 1
                try await Task.sleep(for: .milliseconds(Int.random(in: 50...250)))
            }
        }
    }

    private func attempt(_ request: RegistryRequest, in session: RegistrySession) async throws -> Response {
        let (response, url, authorization) = try await sendAuthorized(request, in: session)
        warnings.take(response.headers, of: session.host, without: secrets(authorization))
        return try await finish(request, Response(head: response, url: url), authorization, in: session)
    }

    /// What mustn't be printed of an answer to a request with this header: a server or a proxy may repeat what it got.
    func secrets(_ authorization: String?, _ credential: Credential? = nil) -> Secrets {
        Secrets(authorization: authorization, Secrets(credential, proxySecrets))
    }

    /// Sends the request once, over plain HTTP where HTTPS fails and that is allowed.
    func reach(
        _ request: RegistryRequest,
        _ authorization: String?,
        in session: RegistrySession
    ) async throws -> (HTTPClientResponse, RegistryURL) {
        var url = try await session.url(for: request.target)
        do {
            return try await begin(request, at: url, authorization: authorization, in: session)
        } catch {
            guard await session.fallsBack(from: url, after: error) else {
                throw await failure(error, request.method, url)
            }
            url = try await session.url(for: request.target)
            let response: HTTPClientResponse
            do {
                response = try await execute(request, at: url, authorization: authorization)
            } catch let second {
                await session.fallBackFailed()
                throw await failure(second, request.method, url, first: error)
            }
            await session.keepsPlainHTTP()
            return (response, url)
        }
    }

    /// Follows redirects and turns what isn't accepted into an error.
    private func finish(
        _ request: RegistryRequest,
        _ first: Response,
        _ firstAuthorization: String?,
        in session: RegistrySession
    ) async throws -> Response {
        var request = request
        var response = first
        var authorization = firstAuthorization
        var renewals = 0
        var redirects = 0
        // Only these two keep the method, and with it the body.
        let codes: Set<UInt> = request.body == nil ? [301, 302, 303, 307, 308] : [307, 308]
        while codes.contains(response.head.status.code) {
            let from = response.url
            await response.head.discardBody()
            redirects += 1
            guard redirects <= 10 else {
                throw RegistryError(
                    request: "\(request.method) \(first.url)",
                    reason: .redirect("more than 10 redirects, the last to \(from)")
                )
            }
            guard let location = response.head.headers.first(name: "location"), let next = from.resolving(location)
            else {
                throw RegistryError(
                    request: "\(request.method) \(from)",
                    reason: .badResponse("a redirect without a Location that is an http or https address")
                )
            }
            let url = await session.spoken(next)
            guard url.isSecure || !from.isSecure else {
                throw RegistryError(
                    request: "\(request.method) \(from)",
                    reason: .redirect("a redirect from https to plain http (\(url)) is not followed")
                )
            }
            let own = await session.isOwn(url)
            if !own { request.ownHeaders = [:] }
            if own { session.limit.countFurtherRequest() }
            response = Response(
                head: try await send(request, to: url, own ? authorization : nil),
                url: url
            )
            if own, response.status == .unauthorized, renewals < 2, request.isRepeatable,
                let renewed = try await self.authorization(for: request, refusedWith: response, in: session)
            {
                renewals += 1
                await response.head.discardBody()
                authorization = renewed
                response.head = try await send(request, to: url, renewed)
            }
        }
        guard request.accepted.contains(response.head.status.code) else {
            if response.isPage, response.status == .ok {
                throw RegistryError(
                    request: "\(request.method) \(response.url)",
                    reason: .badResponse("the answer is an HTML page: is a proxy or captive portal in the way?")
                )
            }
            throw await refusal(response.head, request.method, response.url, authorization)
        }
        // Until an answer has ended, dropping it gives up its connection; without a body it ends at once.
        if request.method == .HEAD { _ = try? await response.head.body.collect(upTo: 1 << 16) }
        return response
    }

    /// Sends the request once, with errors that name it.
    func send(
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
        for (name, value) in request.ownHeaders { outgoing.headers.replaceOrAdd(name: name, value: value) }
        if let userAgent = options.userAgent { outgoing.headers.replaceOrAdd(name: "user-agent", value: userAgent) }
        // Without it a server may choose any coding (RFC 9110, section 12.5.3), and the bytes would have another digest.
        outgoing.headers.replaceOrAdd(name: "accept-encoding", value: "identity")
        if let authorization { outgoing.headers.replaceOrAdd(name: "authorization", value: authorization) }
        let (body, taken) = try await body(of: request)
        outgoing.body = body
        let ready = outgoing
        return try await logged(request.method, url, sending: request.bodySize) {
            guard let taken else { return try await http.execute(ready, to: url) }
            return try await taken.withStallTimeout(atMost: .seconds(options.idleTimeoutSeconds)) {
                try await http.execute(ready, to: url, flow: taken.flow)
            }
        }
    }
}
