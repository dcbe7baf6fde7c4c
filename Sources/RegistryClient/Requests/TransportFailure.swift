import AsyncHTTPClient
import ImageStore
import NIOCore
import NIOPosix
import NIOSSL
import SystemPackage

/// Words for what goes wrong below HTTP.
enum TransportFailure {
    /// Whether the peer speaks TLS but its certificate isn't accepted.
    static func isCertificateFailure(_ error: any Error) -> Bool {
        let text = "\(error)"
        return error is NIOSSLExtraError || text.contains("CERTIFICATE_VERIFY_FAILED")
            || text.contains("unableToValidateCertificate") || text.contains("failedToValidateHostname")
    }

    /// Whether it isn't the transport that failed but the content that was to be sent.
    static func isContentFailure(_ error: any Error) -> Bool { error is any ContentError }

    /// Whether nothing at the other end took the TLS connection, so that plain HTTP may be tried.
    static func permitsPlainHTTP(_ error: any Error) -> Bool {
        if isCertificateFailure(error) || error is CancellationError { return false }
        // Whoever sends an alert, or an old version, speaks TLS.
        let text = "\(error)"
        if text.contains("ALERT") || text.contains("UNSUPPORTED_PROTOCOL") { return false }
        if error is NIOSSLError || error is BoringSSLError || error is NIOConnectionError { return true }
        guard let error = error as? HTTPClientError else { return error is ChannelError || error is IOError }
        return error == .remoteConnectionClosed || error == .tlsHandshakeTimeout || error == .connectTimeout
    }

    /// What happened, for people.
    static func explain(_ error: any Error) -> String {
        if isCertificateFailure(error) { return CertificateProblem.unknown("\(error)").description }
        let text = "\(error)"
        if text.contains("UNSUPPORTED_PROTOCOL") || text.contains("ALERT_PROTOCOL_VERSION") {
            return "the registry speaks no TLS 1.2 or later; older versions are not safe and not used"
        }
        if let error = error as? NIOConnectionError {
            if let failure = error.connectionErrors.first { return "connecting failed: \(explain(failure.error))" }
            if let failure = error.dnsAError ?? error.dnsAAAAError {
                return "the host's name is not known (\(failure))"
            }
        }
        if error as? ChannelError == .ioOnClosedChannel { return "the registry closed the connection" }
        if let error = error as? IOError { return "\(Errno(rawValue: error.errnoCode))" }
        if let error = error as? HTTPClientError {
            switch error {
            case .connectTimeout: return "connecting took too long"
            case .readTimeout: return "the registry stayed silent for too long (--idle-timeout)"
            case .writeTimeout: return "the registry took no more bytes for too long (--idle-timeout)"
            case .remoteConnectionClosed: return "the registry closed the connection"
            default: return error.shortDescription
            }
        }
        return "\(error)"
    }
}
