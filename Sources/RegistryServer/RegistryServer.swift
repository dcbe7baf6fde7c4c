import Glibc
import Hummingbird
import HummingbirdTLS
import Logging
import NIOCore

/// A registry: OCI distribution specification 1.1, pull and content discovery, and with storage push and content
/// management.
public struct RegistryServer: Sendable {
    private let host: String
    private let port: Int
    private let responder: RegistryResponder
    private let certificate: ServerCertificate?

    /// A registry that isn't listening yet.
    ///
    /// - Parameters:
    ///   - host: Where to listen: a name or an address.
    ///   - port: Where to listen; 0 for any port that is free.
    ///   - content: What it has. A ``RegistryStorage`` takes things as well; all else is read-only.
    ///   - certificate: What it shows; nil for plain HTTP.
    ///   - passwords: Who may use it; nil for everyone.
    ///   - report: Called with what went wrong with content while it was sent.
    public init(
        host: String = "127.0.0.1",
        port: Int,
        content: any RegistryContent,
        certificate: ServerCertificate? = nil,
        passwords: PasswordFile? = nil,
        report: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        self.port = port
        self.certificate = certificate
        responder = RegistryResponder(
            content: content,
            storage: content as? any RegistryStorage,
            passwords: passwords,
            isSecure: certificate != nil,
            report: report
        )
    }

    /// Serves until the task is cancelled.
    ///
    /// - Parameter onReady: Called with the port once connections are taken.
    /// - Throws: `ListenError` when the address can't be listened on.
    public func run(onReady: @escaping @Sendable (Int) async -> Void) async throws {
        var logger = Logger(label: "kbld.registry-server")
        logger.logLevel = .critical
        let application = Application(
            responder: responder,
            server: try certificate.map { try .tls(.http1(), tlsConfiguration: $0.configuration) } ?? .http1(),
            configuration: ApplicationConfiguration(address: .hostname(host, port: port), serverName: "kbld"),
            onServerRunning: { await onReady($0.localAddress?.port ?? 0) },
            logger: logger
        )
        do {
            try await application.run()
        } catch let error as IOError {
            throw ListenError(address: "\(host):\(port)", reason: String(cString: strerror(error.errnoCode)))
        }
    }
}

/// An address that can't be listened on.
public struct ListenError: Error, Sendable, CustomStringConvertible {
    /// The address.
    public let address: String
    private let reason: String

    init(address: String, reason: String) {
        self.address = address
        self.reason = reason
    }

    /// The address and what the system says.
    public var description: String { "Listening on \(address): \(reason)" }
}
