package import AsyncHTTPClient
import LibC
package import NIOCore
import NIOHTTP1
import NIOPosix
package import NIOSSL

/// A client that speaks HTTP/1.1 to servers directly, or by their proxies, and makes sure that a
/// certificate is that of the host in the address.
package struct RoutedHTTPClient: Sendable {
    /// The one for http addresses.
    private let plain: OnDemandClient
    /// The one for https addresses.
    private let secure: OnDemandClient
    /// Those that reach servers through a tunnel of a proxy, by the scheme of addresses.
    private let tunnels: [String: OnDemandClient]
    /// The one whose proxy passes requests for http addresses on.
    private let forwarder: OnDemandClient?
    private let settings: ProxySettings
    private let flows: BodyFlows

    /// Creates a client; ``shutdown()`` must be called in the end.
    ///
    /// - Parameters:
    ///   - configuration: Without proxy and TLS.
    ///   - tls: What is trusted, asked for when the first https address is.
    ///   - settings: Which proxies requests take.
    ///   - verifiesServers: Whether certificates are checked.
    package init(
        configuration: HTTPClient.Configuration,
        tls: @escaping @Sendable () -> TLSConfiguration,
        proxies settings: ProxySettings,
        verifiesServers: Bool = true
    ) {
        let flows = BodyFlows()
        self.flows = flows
        var configuration = configuration
        // Requests that reach a closing connection of HTTP/2 fail as if they had been cancelled, and early answers to
        // uploads can end the process: HTTP/1.1 has neither.
        configuration.httpVersion = .http1Only
        // Nobody takes traces, and what they would say is made anew for each request.
        configuration.tracing.tracer = nil
        configuration.http1_1ConnectionDebugInitializer = { channel in
            channel.eventLoop.makeCompletedFuture { try Self.prepare(channel, flows, verifiesServers: verifiesServers) }
        }
        let common = configuration
        var trusting = Trust(tls: tls, verifiesServers: verifiesServers, configuration: common)
        plain = OnDemandClient { Self.client(common) }
        secure = OnDemandClient { [trusting] in Self.client(trusting.applied) }
        var tunnels: [String: OnDemandClient] = [:]
        var forwarder: OnDemandClient?
        for (scheme, proxy) in settings.all {
            var proxied = common
            if scheme == "http", proxy.kind == .http {
                let authorization = proxy.credentials.map { "Basic " + $0 }
                proxied.http1_1ConnectionDebugInitializer = { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let encoder = try Self.prepare(channel, flows, verifiesServers: verifiesServers)
                        let handler = AbsoluteFormHandler(authorization: authorization)
                        try channel.pipeline.syncOperations.addHandler(handler, position: .after(encoder))
                    }
                }
                forwarder = OnDemandClient { [proxied] in Self.client(proxied) }
            } else {
                proxied.proxy = proxy.tunnel
                trusting.configuration = proxied
                tunnels[scheme] =
                    scheme == "https"
                    ? OnDemandClient { [trusting] in Self.client(trusting.applied) }
                    : OnDemandClient { [proxied] in Self.client(proxied) }
            }
        }
        self.tunnels = tunnels
        self.forwarder = forwarder
        self.settings = settings
    }

    /// A configuration, and what is to be trusted beside it.
    private struct Trust: Sendable {
        let tls: @Sendable () -> TLSConfiguration
        let verifiesServers: Bool
        var configuration: HTTPClient.Configuration

        /// The configuration with TLS.
        var applied: HTTPClient.Configuration {
            var trust = tls()
            trust.certificateVerification = verifiesServers ? .noHostnameVerification : .none
            var configuration = configuration
            configuration.tlsConfiguration = trust
            return configuration
        }
    }

    private static func client(_ configuration: HTTPClient.Configuration) -> HTTPClient {
        HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Adds what each connection needs; gives the handler that turns requests into bytes.
    @discardableResult
    private static func prepare(
        _ channel: any Channel,
        _ flows: BodyFlows,
        verifiesServers: Bool
    ) throws -> HTTPRequestEncoder {
        // Blobs come in large pieces where the connection gives them: fewer steps, fewer switches between threads.
        let pieces = AdaptiveRecvByteBufferAllocator(minimum: 2 << 10, initial: 16 << 10, maximum: 256 << 10)
        try channel.syncOptions?.setOption(.recvAllocator, value: pieces)
        let pipeline = channel.pipeline.syncOperations
        let encoder = try pipeline.handler(type: HTTPRequestEncoder.self)
        let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPResponseDecoder>.self)
        try pipeline.addHandler(AnswerHandler(), position: .after(decoder))
        try pipeline.addHandler(BodyFlowHandler(flows), position: .after(encoder))
        if verifiesServers, let tls = try? pipeline.handler(type: NIOSSLClientHandler.self) {
            let handler = ServerIdentityHandler(certificate: tls.peerCertificate)
            try pipeline.addHandler(handler, position: .after(encoder))
        }
        return encoder
    }

    /// Sends a request by the way that there is for its address.
    ///
    /// - Parameter flow: Learns what the connection takes of the body.
    /// - Throws: `AddressError` for an address that isn't one of http or https or whose port is invalid,
    ///   `ServerIdentityError` when the server's certificate is another host's, `UnreachableProxyError`, and what the
    ///   client throws.
    package func execute(
        _ request: HTTPClientRequest,
        deadline: NIODeadline,
        flow: BodyFlow? = nil
    ) async throws -> HTTPClientResponse {
        // By bytes: this is done for each request, and characters take longer than all the rest of it.
        let bytes = request.url.utf8
        guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")), request.url[colon...].hasPrefix("://") else {
            throw AddressError.scheme
        }
        let scheme = request.url[..<colon].lowercased()
        guard scheme == "http" || scheme == "https" else { throw AddressError.scheme }
        let start = bytes.index(colon, offsetBy: 3)
        let authority = request.url[start..<(bytes[start...].firstIndex(where: HTTPAddress.endsPart) ?? bytes.endIndex)]
        let host =
            authority.utf8.lastIndex(of: UInt8(ascii: "@")).map { authority[authority.utf8.index(after: $0)...] }
            ?? authority
        guard PortNumber.isPlausible(inAuthority: host) else { throw AddressError.port }
        let target = request.url[authority.endIndex...]
        return try await flows.with(flow, of: String(target)) {
            try await execute(request, deadline: deadline, scheme: scheme, host: String(host), target: target)
        }
    }

    private func execute(
        _ request: HTTPClientRequest,
        deadline: NIODeadline,
        scheme: String,
        host: String,
        target: Substring
    ) async throws -> HTTPClientResponse {
        let direct = scheme == "https" ? secure : plain
        guard let proxy = settings.all[scheme], !settings.excludes(host, scheme: scheme) else {
            return try await direct.client.execute(request, deadline: deadline)
        }
        do {
            if scheme == "http", let forwarder {
                var request = request
                request.url = "http://" + proxy.authority + target
                request.headers.replaceOrAdd(name: "host", value: host)
                return try await forwarder.client.execute(request, deadline: deadline)
            }
            return try await (tunnels[scheme] ?? direct).client.execute(request, deadline: deadline)
        } catch  where UnreachableProxyError.isCause(error) {
            throw UnreachableProxyError(proxy: proxy.authority, variable: proxy.variable, error: error)
        } catch  where RefusingProxyError.isCause(error) {
            throw RefusingProxyError(proxy: proxy.authority, variable: proxy.variable, error: error)
        }
    }

    /// Whether requests to `host` of this scheme take a proxy.
    package func takesProxy(scheme: String, authority: String) -> Bool {
        settings.all[scheme] != nil && !settings.excludes(authority, scheme: scheme)
    }

    /// Closes all connections.
    package func shutdown() async throws {
        for client in [plain, secure] + [forwarder].compactMap(\.self) + tunnels.values { try await client.shutdown() }
    }
}

/// An unusable address.
package enum AddressError: Error, Sendable, CustomStringConvertible {
    /// It is not one of http or https.
    case scheme
    /// The port is none.
    case port

    /// What is wrong.
    package var description: String {
        switch self {
        case .scheme: "the address is neither an http nor an https address"
        case .port: "the address has an invalid port (must be 1 to 65535)"
        }
    }
}
