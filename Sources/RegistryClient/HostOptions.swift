/// What is different for one registry.
public struct HostOptions: Sendable {
    /// Whether it may be spoken to over plain HTTP when HTTPS fails; nil for what ``RegistryOptions`` say.
    public var allowsPlainHTTP: Bool?
    /// Whether its certificate is checked; nil for what ``RegistryOptions`` say. Those of other hosts that it leads to
    /// (token servers, stores of blobs) are checked in any case.
    public var verifiesCertificates: Bool?
    /// Files of PEM certificates to trust for it alone.
    public var certificateAuthorityPaths: [String] = []
    /// Whether plain HTTP is spoken from the start, or not at all; nil where that is found out.
    public var usesPlainHTTP: Bool?
    /// The files of a certificate and its key, in PEM, that the client shows it.
    public var clientCertificate: (certificate: String, key: String)?
    /// How many requests a second it gets at most; nil for what ``RegistryOptions`` say.
    public var requestsPerSecond: Double?

    /// Creates options that change nothing.
    public init() {}

    /// Whether connections are to be made in another way.
    var concernsCertificates: Bool {
        verifiesCertificates != nil || !certificateAuthorityPaths.isEmpty || clientCertificate != nil
    }
}
