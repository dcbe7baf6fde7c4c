public import ContainerImage
import HummingbirdCore
import HummingbirdTLS
import LibC
import Logging
import NIOCore
import NIOPosix

/// A registry: OCI distribution specification 1.1, pull and content discovery, and with storage push and content
/// management.
public struct RegistryServer: Sendable {
    let host: String
    private let port: Int
    private let responder: RegistryResponder
    private let certificate: ServerCertificate?
    private let limits: ServerLimits

    /// Creates a registry that isn't listening yet.
    ///
    /// - Parameters:
    ///   - host: Where to listen: a name or an address.
    ///   - port: Where to listen; 0 for any port that is free.
    ///   - content: What it has. A ``RegistryStorage`` takes things as well; all else is read-only.
    ///   - sparseIndexes: Which images an index may lack where it arrives.
    ///   - certificate: What it shows; nil for plain HTTP.
    ///   - passwords: Who may use it; nil for everyone.
    ///   - limits: What connections and uploads are allowed; nil for what fits this process, whose limit of open files
    ///     is raised then.
    ///   - access: Called with each request that was answered; nil for no access log.
    ///   - report: Called with what went wrong with content while it was sent.
    public init(
        host: String = "127.0.0.1",
        port: Int = 0,
        content: any RegistryContent,
        sparseIndexes: SparseIndexes = .refused,
        certificate: ServerCertificate? = nil,
        passwords: PasswordFile? = nil,
        limits: ServerLimits? = nil,
        access: (@Sendable (AccessRecord) -> Void)? = nil,
        report: @escaping @Sendable (HintedText) -> Void = { _ in }
    ) {
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        self.port = port
        self.certificate = certificate
        self.limits = limits ?? .forThisProcess()
        responder = RegistryResponder(
            content: content,
            storage: content as? any RegistryStorage,
            sparseIndexes: sparseIndexes,
            passwords: passwords,
            isSecure: certificate != nil,
            report: report,
            access: access
        )
    }

    /// Serves until the task is cancelled. ``serve(isolation:_:)`` does so for as long as something else takes.
    ///
    /// - Parameter onReady: Called with the port once connections are taken.
    /// - Throws: `ListenError` when the address can't be listened on; whatever `onReady` throws.
    public func run(onReady: @escaping @Sendable (Int) async throws -> Void) async throws {
        let (ports, listening) = AsyncStream.makeStream(of: Int.self)
        try await withThrowingTaskGroup { group in
            group.addTask { try await serve { listening.yield($0) } }
            group.addTask {
                for await port in ports {
                    try await onReady(port)
                    break
                }
                try await expireUploads()
            }
            // Either ends only by an error, or because all is cancelled.
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func serve(onReady: @escaping @Sendable (Int) -> Void) async throws {
        let crowd = ConnectionCrowd(limit: limits.connections)
        let plain = RegistryChannel(limits: limits, crowd: crowd, dates: ResponseDates(), responder: responder)
        do {
            if let certificate {
                try await serve(TLSChannel(plain, tlsConfiguration: certificate.configuration), onReady)
            } else {
                try await serve(plain, onReady)
            }
            await crowd.close()
        } catch {
            await crowd.close()
            guard let error = error as? IOError else { throw error }
            throw ListenError(address: "\(host):\(port)", code: error.errnoCode)
        }
    }

    private func serve(_ channel: some ServerChildChannel, _ onReady: @escaping @Sendable (Int) -> Void) async throws {
        var logger = Logger(label: "kbld.registry-server")
        logger.logLevel = .critical
        let server = Server(
            childChannelSetup: channel,
            configuration: ServerConfiguration(
                address: .hostname(host, port: port),
                // Who has to wait does so in the system's queue, which holds as many as it allows.
                backlog: 4096,
                availableConnectionsDelegate: MaximumAvailableConnections(limits.connections, logger: logger)
            ),
            onServerRunning: { onReady($0.localAddress?.port ?? 0) },
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: logger
        )
        try await server.run()
    }

    /// Gives up what nobody goes on with, now and then.
    private func expireUploads() async throws {
        let clock = ContinuousClock()
        while true {
            try await clock.sleep(for: limits.uploadLifetime / 10)
            await responder.sessions.expire(unusedSince: clock.now - limits.uploadLifetime)
        }
    }
}

/// A failure to listen on an address.
public struct ListenError: Error, Sendable, CustomStringConvertible {
    /// The address.
    public let address: String
    private let code: CInt

    init(address: String, code: CInt) {
        self.address = address
        self.code = code
    }

    /// The address, what the system says, and what may help.
    public var description: String {
        let advice =
            switch code {
            case EADDRINUSE: ". Another program listens there; choose another port (port 0 is any free one)"
            case EACCES: ". Ports below 1024 may need privileges; choose another port"
            case EADDRNOTAVAIL: ". The machine has no such address; choose one of its own, or 0.0.0.0 for all of them"
            default: ""
            }
        return "Listening on \(address): \(String(cString: strerror(code)))\(advice)"
    }
}
