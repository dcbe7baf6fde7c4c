import AsyncHTTPClient
public import ContainerImage
import HTTPTransport
public import ImageStore
public import Logging
import NIOCore
import NIOSSL

/// Speaks the OCI distribution protocol 1.1 (and Docker Registry HTTP API V2) with any number of registries.
///
/// All requests share one pool of connections and one pipeline: see ``RequestPipeline``. `shutdown()` must be called
/// in the end.
public struct RegistryClient: ImageRegistry {
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
        var authorities: [NIOSSLCertificate] = []
        for path in options.certificateAuthorityPaths {
            do {
                authorities += try PEMCertificates.read(path)
            } catch {
                throw .certificateAuthority(path: path, reason: error.reason)
            }
        }
        var configuration = HTTPClient.Configuration(
            redirectConfiguration: .disallow,
            timeout: .init(connect: .seconds(10), read: .seconds(options.idleTimeoutSeconds)),
            decompression: .disabled
        )
        configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = options.connectionsPerHost
        configuration.connectionPool.retryConnectionEstablishment = false
        http = RoutedHTTPClient(
            configuration: configuration,
            tls: { [authorities] in options.authorities.tlsConfiguration(adding: authorities) },
            proxies: options.proxies,
            verifiesServers: options.verifiesCertificates
        )
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
}

/// Why a client can't be made.
public enum RegistryClientError: HintedError, Sendable {
    /// A file of certificates can't be read.
    case certificateAuthority(path: String, reason: String)

    /// What failed, with the path.
    public var message: HintedText {
        switch self {
        case .certificateAuthority(let path, let reason):
            "Reading certificates to trust from '\(path)'\(hint: .certificateFiles, after: " (", before: ")"): "
                + "\(reason); it must be a file of PEM certificates"
        }
    }
}
