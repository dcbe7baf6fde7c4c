import AsyncHTTPClient
import HTTPTransport
import LibC
import NIOCore
import NIOPosix
import NIOSSL
import Testing

@Suite("What goes wrong below HTTP")
struct TransportFailureTests {
    /// A failure, its words, and what follows from it.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let error: any Error
        let words: String
        let isTransient: Bool
        let permitsPlainHTTP: Bool

        init(_ error: any Error, _ words: String, isTransient: Bool, permitsPlainHTTP: Bool = false) {
            testDescription = words
            self.error = error
            self.words = words
            self.isTransient = isTransient
            self.permitsPlainHTTP = permitsPlainHTTP
        }
    }

    private static func refusal(_ error: HTTPClientError) -> RefusingProxyError {
        RefusingProxyError(proxy: "proxy.lab:3128", variable: "HTTPS_PROXY", error: error)
    }

    static let cases = [
        Case(HTTPClientError.connectTimeout, "connecting took too long", isTransient: true, permitsPlainHTTP: true),
        Case(
            HTTPClientError.tlsHandshakeTimeout,
            "the server stayed silent for too long during the TLS handshake",
            isTransient: true,
            permitsPlainHTTP: true
        ),
        Case(HTTPClientError.readTimeout, "the server stayed silent for too long", isTransient: true),
        Case(HTTPClientError.writeTimeout, "the server took no more bytes for too long", isTransient: true),
        Case(HTTPClientError.deadlineExceeded, "the server took too long", isTransient: true),
        Case(
            HTTPClientError.remoteConnectionClosed,
            "the server closed the connection",
            isTransient: true,
            permitsPlainHTTP: true
        ),
        Case(HTTPClientError.cancelled, "the server closed the connection", isTransient: true),
        Case(
            refusal(.httpProxyHandshakeTimeout),
            "the proxy proxy.lab:3128 (HTTPS_PROXY) took too long",
            isTransient: true
        ),
        Case(
            refusal(.socksHandshakeTimeout),
            "the proxy proxy.lab:3128 (HTTPS_PROXY) took too long",
            isTransient: true
        ),
        Case(
            refusal(.invalidProxyResponse),
            "the proxy proxy.lab:3128 (HTTPS_PROXY) refused to connect to the server",
            isTransient: true,
            permitsPlainHTTP: true
        ),
        Case(
            refusal(.proxyAuthenticationRequired),
            "the proxy proxy.lab:3128 (HTTPS_PROXY) asks for a user name and password (http://USER:PASSWORD@HOST)",
            isTransient: false
        ),
        Case(HTTPClientError.invalidURL, "the address is invalid", isTransient: false),
        Case(HTTPClientError.emptyHost, "the address is invalid", isTransient: false),
        Case(HTTPClientError.alreadyShutdown, "the client was shut down before", isTransient: false),
        Case(
            IOError(errnoCode: ECONNRESET, reason: "read"),
            "Connection reset by peer",
            isTransient: true,
            permitsPlainHTTP: true
        ),
        // Too many files are open on this side, and will be.
        Case(
            IOError(errnoCode: EMFILE, reason: "socket"),
            "Too many open files",
            isTransient: false,
            permitsPlainHTTP: true
        ),
        Case(
            ChannelError.connectTimeout(.seconds(1)),
            "connecting took too long",
            isTransient: true,
            permitsPlainHTTP: true
        ),
        Case(ChannelError.eof, "the server closed the connection", isTransient: true, permitsPlainHTTP: true),
        Case(
            NIOSSLError.handshakeFailed(.zeroReturn),
            "the server closed the connection",
            isTransient: true,
            permitsPlainHTTP: true
        ),
        Case(
            NIOSSLError.uncleanShutdown,
            "the server closed the connection",
            isTransient: true,
            permitsPlainHTTP: true
        ),
        Case(CancellationError(), "CancellationError()", isTransient: false),
    ]

    @Test(
        "Each is told in words; what may pass is tried again; what can't have been TLS permits plain HTTP",
        arguments: cases
    )
    func failures(_ test: Case) {
        #expect(TransportFailure.explain(test.error, by: "the server") == test.words)
        #expect(TransportFailure.isTransient(test.error) == test.isTransient)
        #expect(TransportFailure.permitsPlainHTTP(test.error) == test.permitsPlainHTTP)
        #expect(!TransportFailure.isCertificateFailure(test.error) && !TransportFailure.isPlaintextAnswer(test.error))
    }

    @Test("Silence is told apart from other failures")
    func silence() {
        #expect(TransportFailure.isSilence(HTTPClientError.readTimeout))
        #expect(TransportFailure.isSilence(HTTPClientError.writeTimeout))
        for test in Self.cases where !test.words.contains("silent") && !test.words.contains("bytes") {
            #expect(!TransportFailure.isSilence(test.error), "\(test.words)")
        }
    }
}
