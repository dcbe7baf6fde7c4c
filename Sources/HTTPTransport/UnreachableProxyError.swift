import AsyncHTTPClient
import LibC
import NIOCore
import NIOPosix

/// A proxy that can't be connected to.
package struct UnreachableProxyError: Error, Sendable {
    /// Its host and port.
    package let proxy: String
    /// The variable that names it.
    package let variable: String
    /// Why.
    package let error: any Error

    /// Whether a connection wasn't made. Who can't reach what is behind a proxy is the proxy, and it says so in HTTP.
    static func isCause(_ error: any Error) -> Bool {
        switch error {
        case is NIOConnectionError: true
        case let error as IOError:
            [ECONNREFUSED, EHOSTUNREACH, EHOSTDOWN, ENETUNREACH, ENETDOWN, ETIMEDOUT, EADDRNOTAVAIL]
                .contains(error.errnoCode)
        case let error as ChannelError: if case .connectTimeout = error { true } else { false }
        case let error as HTTPClientError: error == .connectTimeout
        default: false
        }
    }
}
