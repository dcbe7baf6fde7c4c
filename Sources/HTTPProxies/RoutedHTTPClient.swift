package import AsyncHTTPClient
package import NIOCore

/// A client that goes to servers directly, or by the proxies that there are for them.
package struct RoutedHTTPClient: Sendable {
    private let direct: HTTPClient
    private let proxied: [String: HTTPClient]
    private let settings: ProxySettings

    /// A client that takes the proxies of `settings`; ``shutdown()`` must be called in the end.
    package init(configuration: HTTPClient.Configuration, proxies settings: ProxySettings) {
        direct = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        proxied = settings.all.mapValues { proxy in
            var configuration = configuration
            configuration.proxy = proxy
            return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        }
        self.settings = settings
    }

    /// Sends a request by the way that there is for its address.
    package func execute(_ request: HTTPClientRequest, deadline: NIODeadline) async throws -> HTTPClientResponse {
        try await client(for: request.url).execute(request, deadline: deadline)
    }

    /// Closes all connections.
    package func shutdown() async throws {
        for client in [direct] + proxied.values { try await client.shutdown() }
    }

    private func client(for address: String) -> HTTPClient {
        guard !proxied.isEmpty, let scheme = address.firstRange(of: "://"),
            let client = proxied[address[..<scheme.lowerBound].lowercased()]
        else { return direct }
        let authority = address[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        let host = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        return settings.excludes(String(host)) ? direct : client
    }
}
