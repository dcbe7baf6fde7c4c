public import ClusterConfiguration
public import ContainerImage

/// Which configuration for nodes is written, and where.
public struct MirrorSettings: Sendable {
    /// The folder that it is written below.
    public var folder: String
    /// The formats; none for all that can express the mirrors.
    public var formats: [ConfigurationFormat] = []
    /// What happens to an image that no mirror has.
    public var fallback = ClusterMirrors.Fallback.allow
    /// The registry by the name that nodes have for it; nil for the name that images are uploaded to.
    public var host: RegistryHost?
    /// Whether nodes reach the registry by plain HTTP; nil for what is known of it.
    public var isPlainHTTP: Bool?
    /// A file with the PEM certificates that nodes are to trust.
    public var authorityPath: String?
    /// Whether nothing is written, and what is there is compared.
    public var comparesOnly = false

    /// Creates settings for a configuration in `folder`.
    public init(folder: String) { self.folder = folder }
}
