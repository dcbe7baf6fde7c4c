public import ContainerImage
public import HTTPTransport

/// How to reach registries.
public struct RegistryOptions: Sendable {
    /// The authorities that are trusted.
    public var authorities = TrustedAuthorities()
    /// Files of PEM certificates to trust besides.
    public var certificateAuthorityPaths: [String] = []
    /// Whether the certificates of registries are checked.
    public var verifiesCertificates = true
    /// Whether any registry may be spoken to over plain HTTP when HTTPS fails.
    public var allowsPlainHTTP = false
    /// How many connections to one registry are open at once.
    public var connectionsPerHost = 64
    /// How long a registry may stay silent, in seconds, before a request is given up and tried again.
    public var idleTimeoutSeconds: Int64 = 30
    /// How often a failed request is sent again.
    public var retries = RetryPolicy()
    /// Which proxies requests take.
    public var proxies = ProxySettings()
    /// What the `User-Agent` header says; nil to send none.
    public var userAgent: String?
    /// What token servers are told as the client's name (`client_id`).
    public var clientID = "registry-client"
    /// The tag for a manifest that a registry refuses by its digest; nil to take that for an answer.
    public var digestTag: (@Sendable (Digest) -> Tag)?

    /// Is told what registries warn of, each warning once; what they say is fit to print.
    public var warning: (@Sendable (String) -> Void)?

    /// The defaults: HTTPS with certificates checked.
    public init() {}
}
