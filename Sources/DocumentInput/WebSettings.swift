import HTTPTransport

/// How addresses are asked.
struct WebSettings: Sendable {
    var proxies: ProxySettings
    var authorities: TrustedAuthorities
    var userAgent: String
    /// How long a server may stay silent, in seconds.
    var idleTimeoutSeconds: Int64
    /// Takes each request with its answer.
    var report: (@Sendable (FetchRecord) -> Void)?
}
