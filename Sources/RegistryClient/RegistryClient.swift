import AsyncHTTPClient
public import ContainerImage
import HTTPProxies
public import Logging
import NIOCore
import NIOSSL

/// Speaks the OCI distribution protocol 1.1 (and Docker Registry HTTP API V2) with any number of registries.
///
/// All requests share one pool of connections and one pipeline: see ``RequestPipeline``. `shutdown()` must be called
/// in the end.
public struct RegistryClient: Sendable {
    let pipeline: RequestPipeline
    private let http: RoutedHTTPClient

    /// A client with these options.
    ///
    /// - Throws: `RegistryClientError.certificateAuthority` when a file of certificates can't be read.
    public init(
        options: RegistryOptions = RegistryOptions(),
        credentials: CredentialStore,
        logger: Logger = Logger(label: "kbld.registry", factory: { _ in SwiftLogNoOpLogHandler() })
    ) throws(RegistryClientError) {
        var configuration = HTTPClient.Configuration(
            tlsConfiguration: try Self.tlsConfiguration(options),
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(10), read: .seconds(options.idleTimeoutSeconds)),
            decompression: .disabled
        )
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = options.connectionsPerHost
        configuration.connectionPool.retryConnectionEstablishment = false
        // Blobs come in large pieces where the connection gives them: fewer steps, fewer switches between threads.
        configuration.http1_1ConnectionDebugInitializer = { channel in
            let pieces = AdaptiveRecvByteBufferAllocator(minimum: 2 << 10, initial: 16 << 10, maximum: 256 << 10)
            return channel.setOption(.recvAllocator, value: pieces)
        }
        http = RoutedHTTPClient(configuration: configuration, proxies: options.proxies)
        pipeline = RequestPipeline(http: http, options: options, credentials: credentials, logger: logger)
    }

    /// One repository, as a source and a destination of images.
    public func repository(_ repository: Repository) -> RemoteRepository {
        RemoteRepository(repository: repository, pipeline: pipeline)
    }

    /// Closes all connections.
    public func shutdown() async {
        try? await http.shutdown()
    }

    private static func tlsConfiguration(_ options: RegistryOptions) throws(RegistryClientError) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if !options.verifiesCertificates { configuration.certificateVerification = .none }
        var certificates: [NIOSSLCertificate] = []
        for path in options.certificateAuthorityPaths {
            do {
                certificates += try NIOSSLCertificate.fromPEMFile(path)
            } catch {
                throw .certificateAuthority(path: path, reason: "\(error)")
            }
        }
        if !certificates.isEmpty { configuration.additionalTrustRoots = [.certificates(certificates)] }
        return configuration
    }
}

/// Why a client can't be made.
public enum RegistryClientError: Error, Sendable, CustomStringConvertible {
    /// A file of certificates can't be read.
    case certificateAuthority(path: String, reason: String)

    /// What failed, with the path.
    public var description: String {
        switch self {
        case .certificateAuthority(let path, let reason):
            "Reading certificates to trust from '\(path)' (--registry-ca-cert-path): "
                + "there must be a file of PEM certificates (\(reason))"
        }
    }
}
