public import ContainerImage
public import HTTPTransport

/// How to reach registries.
public struct RegistryOptions: Sendable {
    /// The authorities that are trusted.
    public var authorities = TrustedAuthorities()
    /// Files of additional PEM certificates to trust.
    public var certificateAuthorityPaths: [String] = []
    /// Whether the certificates of registries are checked.
    public var verifiesCertificates = true
    /// Whether any registry may be spoken to over plain HTTP when HTTPS fails.
    public var allowsPlainHTTP = false
    /// What is different for single registries.
    public var hosts: [RegistryHost: HostOptions] = [:]
    /// How many connections to one registry are open at once.
    public var connectionsPerHost = 64
    /// How long a registry may stay silent, in seconds, before a request is given up and tried again.
    public var idleTimeoutSeconds: Int64 = 30
    /// How often a failed request is sent again.
    public var retries = RetryPolicy()
    /// How blobs are uploaded that aren't taken whole.
    public var uploadChunking = UploadChunking.automatic
    /// How many bytes a second pass in both directions; nil for as many as there are.
    public var rateLimit: RateLimit?
    /// How many requests a second each registry gets at most, at least 0.001; nil for as many as there are.
    public var requestsPerSecond: Double?
    /// Which proxies requests take.
    public var proxies = ProxySettings()
    /// What the `User-Agent` header says; nil to send none.
    public var userAgent: String?
    /// The client's name for token servers (`client_id`).
    public var clientID = "registry-client"
    /// The tag for a manifest that a registry refuses by its digest; nil to take that for an answer.
    public var digestTag: (@Sendable (Digest) -> Tag)?

    /// Receives the warnings of registries, each once; they are safe to print.
    public var warning: (@Sendable (String) -> Void)?

    /// Creates options: HTTPS with certificates checked, and no proxies.
    public init() {}

    /// Creates options with the authorities and proxies that an environment's variables name: `SSL_CERT_FILE`,
    /// `SSL_CERT_DIR`, `HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY`.
    ///
    /// - Throws: `ProxyError` naming a variable that is not a valid proxy address.
    public init(variables: [String: String]) throws(ProxyError) {
        proxies = try ProxySettings(variables: variables)
        authorities = TrustedAuthorities(variables: variables)
    }

    /// How long a connection may bring nothing, in seconds: where a limit slows all of them down, each waits for its turn.
    var silenceSeconds: Int64 {
        idleTimeoutSeconds.addingUpToLimit(rateLimit?.silenceSeconds(connections: connectionsPerHost) ?? 0)
    }

    /// Whether `host` may be spoken to over plain HTTP when HTTPS fails.
    func allowsPlainHTTP(to host: RegistryHost) -> Bool {
        hosts[host]?.usesPlainHTTP ?? hosts[host]?.allowsPlainHTTP ?? allowsPlainHTTP
    }

    /// How many requests a second `host` gets at most.
    func requestsPerSecond(to host: RegistryHost) -> Double? { hosts[host]?.requestsPerSecond ?? requestsPerSecond }
}
