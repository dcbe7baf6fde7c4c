public import ContainerImage

/// Registries that tell which repositories they have.
public protocol RepositoryCatalog: Sendable {
    /// The repositories of a registry.
    ///
    /// - Throws: Also where the registry doesn't tell.
    func repositories(in registry: RegistryHost) async throws -> [Repository]
}
