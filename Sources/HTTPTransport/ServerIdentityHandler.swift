import NIOCore
import NIOHTTP1
import NIOSSL

/// Lets requests pass to the host alone that the server's certificate is for, before the first byte of one is sent.
///
/// The TLS library compares a certificate with the address of the connection, too, and with common names; for a host's
/// name neither counts (RFC 9525, sections 1.2 and 6). It also doesn't know what is at the far end of a proxy's tunnel.
final class ServerIdentityHandler: ChannelOutboundHandler {
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = HTTPClientRequestPart

    private let certificate: NIOSSLCertificate?
    private let expected: String?
    private var provenHost: String?
    private var isRefused = false

    /// Creates a handler for the server that showed `certificate`.
    ///
    /// - Parameter expected: The host that it must be; nil for the one that each request is for.
    init(certificate: NIOSSLCertificate?, expected: String? = nil) {
        self.certificate = certificate
        self.expected = expected
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .head(let head) = unwrapOutboundIn(data) {
            let host = expected ?? Self.host(in: head.headers.first(name: "host") ?? "")
            if host != provenHost {
                if let error = problem(with: host) {
                    isRefused = true
                    // The request is still being written: it can't fail before that has returned.
                    context.eventLoop.assumeIsolated().execute {
                        context.fireErrorCaught(error)
                        context.close(promise: nil)
                    }
                } else {
                    provenHost = host
                }
            }
        }
        guard !isRefused else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        context.write(data, promise: promise)
    }

    private func problem(with host: String) -> ServerIdentityError? {
        guard let certificate, let names = try? CertificateNames(der: certificate.toDERBytes()) else {
            return ServerIdentityError(host: host, identities: "no host that can be read")
        }
        if let identity = HostIdentity(host: host), identity.isProven(by: names) { return nil }
        return ServerIdentityError(host: host, identities: names.identities)
    }

    /// The host of `host:port`.
    private static func host(in authority: String) -> String {
        let end = authority.lastIndex(of: "]").map { authority.index(after: $0) } ?? authority.startIndex
        let colon = authority[end...].firstIndex(of: ":") ?? authority.endIndex
        return String(authority[..<colon])
    }
}

/// A certificate that is valid, but for another host than the one that was asked.
package struct ServerIdentityError: Error, Sendable, CustomStringConvertible {
    /// The host that was asked.
    package let host: String
    /// What the certificate is for, in words.
    package let identities: String

    /// Both.
    package var description: String { "the certificate is for \(identities), not for \(host)" }
}
