public import ContainerImage
public import RegistryClient

/// What works with a registry, and what doesn't.
public struct DoctorWorkflow: Sendable {
    private let registry: RegistryHost
    private let repository: Repository?
    private let pushes: Bool
    private let context: WorkflowContext

    /// Creates a diagnosis.
    ///
    /// - Parameters:
    ///   - repository: What is read from, and uploaded to; nil for the registry alone.
    ///   - pushes: Whether an upload is opened and cancelled, and a tiny blob uploaded.
    public init(of registry: RegistryHost, _ repository: Repository?, pushing pushes: Bool, in context: WorkflowContext)
    {
        self.registry = registry
        self.repository = repository
        self.pushes = pushes
        self.context = context
    }

    /// Tries everything once.
    ///
    /// - Throws: `ProxyError`, `RegistryClientError`; what a registry does wrong is among the outcomes.
    public func run() async throws -> [RegistryCheck] {
        var context = context
        context.registryOptions.retries.attempts = 1
        return try await context.withRegistryClient(
            credentials: CredentialStore(variables: context.variables, prefix: context.credentialPrefix)
        ) { try await RegistryDiagnosis(of: registry, repository, by: $0, pushing: pushes).checks() }
    }
}
