import AsyncHTTPClient

/// A proxy that doesn't make the connection that it is asked for.
package struct RefusingProxyError: Error, Sendable {
    /// Its host and port.
    package let proxy: String
    /// The variable that names it.
    package let variable: String
    /// How it refused.
    package let error: any Error

    /// Creates an error of a proxy.
    package init(proxy: String, variable: String, error: any Error) {
        self.proxy = proxy
        self.variable = variable
        self.error = error
    }

    /// Whether it is the proxy, and nobody behind it, who said so.
    static func isCause(_ error: any Error) -> Bool {
        guard let error = error as? HTTPClientError else { return isOfSOCKS(error) }
        return [
            .proxyAuthenticationRequired, .httpProxyHandshakeTimeout, .socksHandshakeTimeout, .invalidProxyResponse,
        ].contains(error)
    }

    /// The client passes on what its library for SOCKS throws, whose types it doesn't show.
    private static func isOfSOCKS(_ error: any Error) -> Bool {
        String(reflecting: type(of: error)).hasPrefix("NIOSOCKS.")
    }

    /// What happened, as a message.
    ///
    /// - Parameter peer: Who is behind the proxy: `the registry`, say.
    func explanation(by peer: String) -> String {
        let name = "the proxy \(proxy) (\(variable))"
        switch error as? HTTPClientError {
        case .proxyAuthenticationRequired?:
            return "\(name) asks for a user name and password (http://USER:PASSWORD@HOST)"
        case .httpProxyHandshakeTimeout?, .socksHandshakeTimeout?: return "\(name) took too long"
        default: return "\(name) refused to connect to \(peer)"
        }
    }
}
