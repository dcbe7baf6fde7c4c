public import ContainerImage

/// Finds a login in several places: the first that has one for a repository counts.
public struct CredentialStore: CredentialProvider {
    private let providers: [any CredentialProvider]
    private let problem: CredentialError?

    /// Creates a store of `providers`, which are asked in their order.
    public init(_ providers: [any CredentialProvider]) {
        self.providers = providers
        problem = nil
    }

    /// Creates a store of what `variables` hold and point to: ``EnvironmentCredentials`` first, then
    /// ``DockerConfiguration``. What can't be used is told when a registry is first asked for something.
    ///
    /// - Parameter prefix: What the names of variables that hold credentials themselves begin with, before an
    ///   underscore.
    public init(variables: [String: String], prefix: String) {
        var providers: [any CredentialProvider] = []
        var problem: CredentialError?
        do throws(CredentialError) {
            providers.append(try EnvironmentCredentials(variables: variables, prefix: prefix))
            if let docker = try DockerConfiguration(variables: variables) { providers.append(docker) }
        } catch {
            problem = error
        }
        self.providers = providers
        self.problem = problem
    }

    /// Whether there are no credentials for any registry.
    public var isEmpty: Bool { providers.allSatisfy(\.isEmpty) }

    /// Makes sure that all could be read.
    ///
    /// - Throws: `CredentialError` when something is there that can't be used; what a provider's `check` throws.
    public func check() throws {
        if let problem { throw problem }
        for provider in providers { try provider.check() }
    }

    /// Whether there seems to be a login for `repository`. A helper that keeps all logins is asked for the registry alone.
    ///
    /// What fails here is told where the login is needed.
    public func hasLogin(for repository: Repository) async -> Bool {
        for provider in providers where await provider.hasLogin(for: repository) { return true }
        return false
    }

    /// What is nearly a login for `repository`.
    public func nearMiss(for repository: Repository) -> String? {
        providers.lazy.compactMap { $0.nearMiss(for: repository) }.first
    }

    /// The login for `repository`, nil if there is none.
    ///
    /// - Throws: `CredentialError` when a credential helper fails, what a provider throws, or as ``check()`` does.
    public func credential(for repository: Repository) async throws -> Credential? {
        try check()
        for provider in providers {
            if let credential = try await provider.credential(for: repository) { return credential }
        }
        return nil
    }
}
