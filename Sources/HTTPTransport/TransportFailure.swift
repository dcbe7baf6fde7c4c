import AsyncHTTPClient
import LibC
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import SystemPackage

/// What went wrong below HTTP: in words, and whether it may pass.
package enum TransportFailure {
    /// Whether the peer speaks TLS but its certificate isn't accepted.
    package static func isCertificateFailure(_ error: any Error) -> Bool {
        if error is ServerIdentityError { return true }
        if case NIOSSLError.unableToValidateCertificate = error { return true }
        return tlsReasons(of: error).contains("CERTIFICATE_VERIFY_FAILED")
    }

    /// Whether the peer answers the beginning of TLS with something that isn't TLS.
    package static func isPlaintextAnswer(_ error: any Error) -> Bool {
        let signs: Set<String> = ["WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST", "INVALID_RECORD"]
        return !signs.isDisjoint(with: tlsReasons(of: error))
    }

    /// Whether nothing at the other end took the TLS connection, so that plain HTTP may be tried.
    package static func permitsPlainHTTP(_ error: any Error) -> Bool {
        if isCertificateFailure(error) || error is CancellationError || error is UnreachableProxyError { return false }
        // Whoever sends an alert, or an old version, speaks TLS.
        if tlsReasons(of: error).contains(where: { $0.contains("ALERT") || $0 == "UNSUPPORTED_PROTOCOL" }) {
            return false
        }
        if error is NIOSSLError || error is BoringSSLError || error is NIOConnectionError { return true }
        // A proxy refuses what it can't reach.
        if let error = error as? RefusingProxyError { return error.error as? HTTPClientError == .invalidProxyResponse }
        guard let error = error as? HTTPClientError else { return error is ChannelError || error is IOError }
        return [.remoteConnectionClosed, .tlsHandshakeTimeout, .connectTimeout].contains(error)
    }

    /// Whether the same may well succeed later: connections that aren't made, break off or fall silent. What is unknown
    /// doesn't pass: it is mostly something on this side.
    package static func isTransient(_ error: any Error) -> Bool {
        switch error {
        case let error as RefusingProxyError: return error.error as? HTTPClientError != .proxyAuthenticationRequired
        case let error as HTTPClientError:
            return [
                .cancelled, .connectTimeout, .deadlineExceeded, .getConnectionFromPoolTimeout,
                .readTimeout, .remoteConnectionClosed, .requestStreamCancelled, .tlsHandshakeTimeout, .writeTimeout,
            ].contains(error)
        case let error as IOError: return ![EMFILE, ENFILE].contains(error.errnoCode)
        case is NIOConnectionError, is UnreachableProxyError, is ChannelError, is HTTPParserError: return true
        case NIOSSLError.handshakeFailed(let error), NIOSSLError.shutdownFailed(let error):
            return isTransient(error as any Error)
        case is NIOSSLError: return !isCertificateFailure(error)
        case let error as BoringSSLError:
            switch error {
            case .syscallError, .zeroReturn: return true
            default: return tlsReasons(of: error).allSatisfy { Self.passingReasons.contains($0) }
            }
        default: return false
        }
    }

    /// Bytes that were altered or lost on the way.
    private static let passingReasons: Set<String> = [
        "", "BAD_DECRYPT", "DECRYPTION_FAILED_OR_BAD_RECORD_MAC", "UNEXPECTED_EOF_WHILE_READING",
        "SSLV3_ALERT_BAD_RECORD_MAC", "TLSV1_ALERT_INTERNAL_ERROR",
    ]

    /// Whether the peer, or the proxy before it, was silent or took no bytes for as long as it may.
    package static func isSilence(_ error: any Error) -> Bool {
        switch error {
        case let error as HTTPClientError: [.readTimeout, .writeTimeout].contains(error)
        case let error as UnreachableProxyError: isSilence(error.error)
        case let error as NIOConnectionError: error.connectionErrors.first.map { isSilence($0.error) } ?? false
        default: false
        }
    }

    /// What happened, as a message.
    ///
    /// - Parameter peer: `the registry`, say.
    package static func explain(_ error: any Error, by peer: String) -> String {
        switch error {
        case let error as UnreachableProxyError:
            return
                "the proxy \(error.proxy) (\(error.variable)) can't be reached: \(explain(error.error, by: "the proxy"))"
        case let error as RefusingProxyError: return error.explanation(by: peer)
        case let error as NIOConnectionError:
            if let failure = error.connectionErrors.first {
                return "connecting failed: \(explain(failure.error, by: peer))"
            }
            return "the host name \(error.host) is not known"
        case let error as ChannelError:
            if case .connectTimeout = error { return "connecting took too long" }
            return "\(peer) closed the connection"
        case let error as IOError: return "\(Errno(rawValue: error.errnoCode))"
        case HTTPParserError.invalidEOFState: return "\(peer) closed the connection before the end of its answer"
        case is HTTPParserError: return "the answer of \(peer) is not valid HTTP"
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: return explainTLS(error, by: peer)
        case let error as HTTPClientError: return explain(error, by: peer)
        default: return "\(error)"
        }
    }

    private static func explain(_ error: HTTPClientError, by peer: String) -> String {
        switch error {
        case .connectTimeout: "connecting took too long"
        case .tlsHandshakeTimeout: "\(peer) stayed silent for too long during the TLS handshake"
        case .readTimeout: "\(peer) stayed silent for too long"
        case .writeTimeout: "\(peer) took no more bytes for too long"
        case .deadlineExceeded: "\(peer) took too long"
        case .remoteConnectionClosed, .cancelled, .requestStreamCancelled: "\(peer) closed the connection"
        case .invalidURL, .emptyHost, .emptyScheme: "the address is invalid"
        case .alreadyShutdown: "the client was shut down before"
        default: error.shortDescription
        }
    }

    private static func explainTLS(_ error: any Error, by peer: String) -> String {
        let reasons = tlsReasons(of: error)
        if isPlaintextAnswer(error) { return "\(peer) does not speak TLS; it may speak plain http" }
        if reasons.contains("UNSUPPORTED_PROTOCOL")
            || reasons.contains(where: { $0.hasSuffix("ALERT_PROTOCOL_VERSION") })
        {
            return "\(peer) does not support TLS 1.2 or later; older versions are not safe and not used"
        }
        if reasons.contains(where: { $0.hasSuffix("CERTIFICATE_REQUIRED") }) {
            return "\(peer) asks for a client certificate, which is not supported"
        }
        guard let reason = reasons.first(where: { !$0.isEmpty }) else { return "\(peer) closed the connection" }
        return "TLS failed (\(reason.lowercased().replacing("_", with: " ")))"
    }

    /// The TLS library's names of what went wrong, such as `WRONG_VERSION_NUMBER`; empty ones where it has none.
    private static func tlsReasons(of error: any Error) -> [String] {
        switch error {
        case NIOSSLError.handshakeFailed(let error), NIOSSLError.shutdownFailed(let error):
            return tlsReasons(of: error as any Error)
        case BoringSSLError.sslError(let stack), BoringSSLError.unknownError(let stack):
            return stack.map { entry in
                let text = "\(entry)"
                guard let mark = text.firstRange(of: "OPENSSL_internal:") else { return "" }
                return String(text[mark.upperBound...].prefix { $0.isLetter || $0.isNumber || $0 == "_" })
            }
        default: return []
        }
    }
}
