import AsyncHTTPClient

/// A proxy and how it is spoken to.
struct ProxyServer: Sendable {
    /// The protocols of proxies.
    enum Kind: Sendable {
        case http
        case socks
    }

    /// The variable that names it.
    var variable = ""
    var kind: Kind
    /// The host; an IPv6 address without its brackets.
    var host: String
    var port: Int
    /// The base64 of `user:password`.
    var credentials: String?

    /// `host:port`, as it may be printed.
    var authority: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// As the client takes it for a tunnel: CONNECT, or SOCKS 5.
    var tunnel: HTTPClient.Configuration.Proxy {
        switch kind {
        case .socks: .socksServer(host: host, port: port)
        case .http:
            if let credentials {
                .server(host: host, port: port, authorization: .basic(credentials: credentials))
            } else {
                .server(host: host, port: port)
            }
        }
    }
}
