import Hummingbird
import Logging
import NIOCore

/// A registry: OCI distribution specification 1.1, pull, push, content discovery and content management.
///
/// It asks for no password and serves plain HTTP, so it belongs on loopback.
public struct RegistryServer: Sendable {
    private let host: String
    private let port: Int
    private let storage: any RegistryStorage

    /// A registry that isn't listening yet.
    ///
    /// - Parameter port: Where to listen; 0 for any port that is free.
    public init(host: String = "127.0.0.1", port: Int, storage: any RegistryStorage) {
        self.host = host
        self.port = port
        self.storage = storage
    }

    /// Serves until the task is cancelled.
    ///
    /// - Parameter onReady: Called with the port once connections are taken.
    public func run(onReady: @escaping @Sendable (Int) async -> Void) async throws {
        var logger = Logger(label: "kbld.registry-server")
        logger.logLevel = .critical
        let application = Application(
            responder: RegistryResponder(storage: storage),
            configuration: ApplicationConfiguration(address: .hostname(host, port: port), serverName: "kbld"),
            onServerRunning: { await onReady($0.localAddress?.port ?? 0) },
            logger: logger
        )
        try await application.run()
    }
}
