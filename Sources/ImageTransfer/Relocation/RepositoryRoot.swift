public import ContainerImage

/// The place below which images arrive: a repository, or a registry as a whole.
public struct RepositoryRoot: Hashable, Sendable, CustomStringConvertible {
    /// The registry.
    public let registry: RegistryHost
    /// The repository; nil for the registry as a whole.
    public let repository: Repository?

    /// Creates a place that is a repository, or below it.
    public init(_ repository: Repository) {
        registry = repository.registry
        self.repository = repository
    }

    /// Creates a place that is a registry: only layouts that keep images under their own paths can have it.
    public init(_ registry: RegistryHost) {
        self.registry = registry
        repository = nil
    }

    /// Creates a place that is a registry from text that names one alone; a slash at its end is taken off.
    ///
    /// A name without a dot or a port is a repository's: `localhost` alone is a registry.
    public init?(registry text: String) {
        let name = text.hasSuffix("/") ? String(text.dropLast()) : text
        let isHost = name.contains(".") || name.contains(":") || name == "localhost"
        guard isHost, !name.contains("/"), let registry = try? RegistryHost(name) else { return nil }
        self.init(registry)
    }

    /// The repository, or the registry.
    public var description: String { repository?.description ?? registry.name }
}
