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
    ///
    /// - Throws: `BadPort` for an address whose port can't be, and what the client throws.
    package func execute(_ request: HTTPClientRequest, deadline: NIODeadline) async throws -> HTTPClientResponse {
        guard PortNumber.isPlausible(inAuthority: Self.host(of: request.url)) else { throw BadPort() }
        return try await client(for: request.url).execute(request, deadline: deadline)
    }

    /// Closes all connections.
    package func shutdown() async throws {
        for client in [direct] + proxied.values { try await client.shutdown() }
    }

    private func client(for address: String) -> HTTPClient {
        guard !proxied.isEmpty, let scheme = address.firstRange(of: "://"),
            let client = proxied[address[..<scheme.lowerBound].lowercased()]
        else { return direct }
        return settings.excludes(String(Self.host(of: address))) ? direct : client
    }

    /// The host of an address, with its port.
    private static func host(of address: String) -> Substring {
        let start = address.firstRange(of: "://")?.upperBound ?? address.startIndex
        let authority = address[start...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        return authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
    }
}

/// An address whose port can't be.
package struct BadPort: Error, Sendable, CustomStringConvertible {
    /// What is wrong.
    package var description: String { "the address has a port that can't be: ports are 1 to 65535" }
}
