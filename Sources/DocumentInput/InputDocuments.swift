public import HTTPTransport
public import KbldConfiguration
public import KubernetesYAML

/// The documents of all inputs: what is configuration, and what is printed.
public struct InputDocuments: Sendable {
    /// The documents that aren't configuration, in their order.
    public var resources: [YAMLDocument]
    /// What the configuration documents say, all together.
    public var configuration: Configuration

    /// Creates documents from resources and a configuration.
    public init(resources: [YAMLDocument], configuration: Configuration) {
        self.resources = resources
        self.configuration = configuration
    }

    /// Reads `names`: files, folders, `-` for standard input, and http(s) addresses.
    ///
    /// - Parameters:
    ///   - proxies: The proxies that addresses are asked through.
    ///   - authorities: Whose certificates are trusted.
    ///   - userAgent: The client's name for servers.
    ///   - idleTimeoutSeconds: How long a server may stay silent, in seconds.
    /// - Throws: `InputError`, `YAMLError` or `ConfigurationError` naming the file.
    public static func read(
        _ names: [String],
        version: SemanticVersion,
        proxies: ProxySettings,
        authorities: TrustedAuthorities = TrustedAuthorities(),
        userAgent: String,
        idleTimeoutSeconds: Int64 = 30
    ) async throws -> InputDocuments {
        let web = WebSettings(
            proxies: proxies,
            authorities: authorities,
            userAgent: userAgent,
            idleTimeoutSeconds: idleTimeoutSeconds
        )
        var documents: [YAMLDocument] = []
        for name in names {
            for input in try await DocumentLoader.read(name, by: web) {
                documents += try await YAMLReader.documents(in: input.bytes, file: input.name, atMost: 16)
            }
        }
        let (configuration, resources) = try Configuration.extract(from: documents, version: version)
        return InputDocuments(resources: resources, configuration: configuration)
    }
}
