import AsyncHTTPClient
public import ContainerImage
public import ImageStore
public import Logging

/// Speaks the OCI distribution protocol 1.1 (and Docker Registry HTTP API V2) with any number of registries.
///
/// All requests share one pool of connections, and take one way with its time limits, retries and logins. A client is
/// best had for a time with ``withClient(options:credentials:logger:isolation:_:)``; ``shutdown()`` must be called in the
/// end of one that is created otherwise.
public struct RegistryClient: ImageRegistry {
    let pipeline: RequestPipeline
    private let http: RegistryTransport

    /// A logger that says nothing.
    public static var silentLogger: Logger { Logger(label: "registry-client") { _ in SwiftLogNoOpLogHandler() } }

    /// Creates a client, whose connections are made when they are needed; ``shutdown()`` must be called in the end.
    ///
    /// - Parameters:
    ///   - options: How registries are reached.
    ///   - credentials: Has the logins; `.anonymous` for none.
    ///   - logger: Takes a line for each request with its answer, at the level `debug`, without secrets.
    /// - Throws: `RegistryClientError.certificateAuthority` when a file of certificates can't be read.
    public init(
        options: RegistryOptions = RegistryOptions(),
        credentials: some CredentialProvider,
        logger: Logger = RegistryClient.silentLogger
    ) throws(RegistryClientError) {
        http = try RegistryTransport(options)
        pipeline = RequestPipeline(http: http, options: options, credentials: credentials, logger: logger)
    }

    /// Runs `body` with a client, whose connections are closed in the end, also when it throws.
    ///
    /// ```swift
    /// let tags = try await RegistryClient.withClient(credentials: .anonymous) { client in
    ///     try await client.repository(Repository("quay.io/prometheus/busybox")).tags()
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - options: How registries are reached.
    ///   - credentials: Has the logins; `.anonymous` for none.
    ///   - logger: Takes a line for each request with its answer, at the level `debug`, without secrets.
    ///   - isolation: The actor that `body` runs on; the caller's, unless another one is given.
    ///   - body: Gets the client, which is of no use once it has returned.
    /// - Throws: `RegistryClientError.certificateAuthority` when a file of certificates can't be read; what `body` throws.
    public static func withClient<Value>(
        options: RegistryOptions = RegistryOptions(),
        credentials: some CredentialProvider,
        logger: Logger = RegistryClient.silentLogger,
        isolation: isolated (any Actor)? = #isolation,
        _ body: (RegistryClient) async throws -> Value
    ) async throws -> Value {
        let client = try RegistryClient(options: options, credentials: credentials, logger: logger)
        do {
            let value = try await body(client)
            await client.shutdown()
            return value
        } catch {
            await client.shutdown()
            throw error
        }
    }

    /// One repository, as a source and a destination of images.
    public func repository(_ repository: Repository) -> RemoteRepository {
        RemoteRepository(repository: repository, pipeline: pipeline)
    }

    /// Closes all connections. Requests that are sent later fail.
    public func shutdown() async {
        try? await http.shutdown()
    }
}

/// Why a client can't be made.
public enum RegistryClientError: HintedError, Sendable {
    /// A file of certificates can't be read.
    case certificateAuthority(path: String, reason: String)
    /// A file of a key that the client is to show can't be read.
    case clientKey(path: String)

    /// What failed, with the path.
    public var message: HintedText {
        switch self {
        case .certificateAuthority(let path, let reason):
            "Reading certificates to trust from '\(path)'\(hint: .certificateFiles, after: " (", before: ")"): "
                + "\(reason); it must be a file of PEM certificates"
        case .clientKey(let path): "Reading the key of a client's certificate from '\(path)': it must be a key in PEM"
        }
    }
}
