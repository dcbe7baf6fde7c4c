/// What is different for one registry.
public struct HostOptions: Sendable {
    /// Whether it may be spoken to over plain HTTP when HTTPS fails; nil for what ``RegistryOptions`` say.
    public var allowsPlainHTTP: Bool?
    /// Whether its certificate is checked; nil for what ``RegistryOptions`` say. Those of other hosts that it leads to
    /// (token servers, stores of blobs) are checked in any case.
    public var verifiesCertificates: Bool?
    /// Files of PEM certificates to trust for it alone.
    public var certificateAuthorityPaths: [String] = []
    /// How many requests a second it gets at most; nil for what ``RegistryOptions`` say.
    public var requestsPerSecond: Double?

    /// Creates options that change nothing.
    public init() {}

    /// Whether connections are to be made in another way.
    var concernsCertificates: Bool { verifiesCertificates != nil || !certificateAuthorityPaths.isEmpty }
}
