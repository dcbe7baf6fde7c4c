import AsyncHTTPClient
import NIOCore

/// A client that goes to registries directly, or by the proxies that there are for them.
struct RoutedHTTPClient: Sendable {
    private let direct: HTTPClient
    private let proxied: [String: HTTPClient]
    private let settings: ProxySettings

    init(configuration: HTTPClient.Configuration, proxies settings: ProxySettings) {
        direct = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        proxied = settings.all.mapValues { proxy in
            var configuration = configuration
            configuration.proxy = proxy
            return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        }
        self.settings = settings
    }

    func execute(_ request: HTTPClientRequest, deadline: NIODeadline) async throws -> HTTPClientResponse {
        try await client(for: request.url).execute(request, deadline: deadline)
    }

    /// Closes all connections.
    func shutdown() async throws {
        for client in [direct] + proxied.values { try await client.shutdown() }
    }

    private func client(for address: String) -> HTTPClient {
        guard !proxied.isEmpty, let url = RegistryURL(address), let client = proxied[url.scheme],
            !settings.excludes(url.authority)
        else { return direct }
        return client
    }
}
