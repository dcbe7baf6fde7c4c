public import ContainerImage

/// Finds the credentials for a repository: in the environment first, then in Docker's configuration.
public struct CredentialStore: Sendable {
    private let environment: EnvironmentCredentials
    private let docker: DockerConfiguration?
    private let problem: CredentialError?

    /// No credentials at all.
    public static let anonymous = CredentialStore(environment: EnvironmentCredentials(entries: []), docker: nil)

    init(environment: EnvironmentCredentials, docker: DockerConfiguration?) {
        self.environment = environment
        self.docker = docker
        problem = nil
    }

    /// Reads what `variables` hold and point to: `<prefix>_*`, `DOCKER_CONFIG`, `HOME`, `REGISTRY_AUTH_FILE`,
    /// `XDG_RUNTIME_DIR`. What can't be used is told when a registry is first asked for something.
    ///
    /// - Parameter prefix: What the names of variables that hold credentials themselves begin with, before an
    ///   underscore.
    public init(variables: [String: String], prefix: String) {
        var found = (environment: EnvironmentCredentials(entries: []), docker: DockerConfiguration?.none)
        var problem: CredentialError?
        do throws(CredentialError) {
            found.environment = try EnvironmentCredentials(variables: variables, prefix: prefix)
            found.docker = try DockerConfiguration.find(variables: variables)
        } catch {
            problem = error
        }
        (environment, docker) = found
        self.problem = problem
    }

    /// Whether there are no credentials for any registry.
    var isEmpty: Bool { environment.isEmpty && docker?.isEmpty ?? true }

    /// Makes sure that all could be read.
    ///
    /// - Throws: `CredentialError` when something is there that can't be used.
    public func check() throws(CredentialError) {
        if let problem { throw problem }
    }

    /// Whether there seems to be a login for `repository`. A helper that keeps all logins is asked for the registry alone.
    ///
    /// What fails here is told where the login is needed.
    func hasLogin(for repository: Repository) async -> Bool {
        if environment.credential(for: repository) != nil { return true }
        return await docker?.hasLogin(for: repository) ?? false
    }

    /// The credential for `repository`, nil where there is none.
    ///
    /// - Throws: `CredentialError` when a credential helper fails, or as ``check()`` does.
    public func credential(for repository: Repository) async throws -> Credential? {
        try check()
        if let credential = environment.credential(for: repository) { return credential }
        return try await docker?.credential(for: repository)
    }
}

/// Why credentials can't be had.
public enum CredentialError: Error, Sendable, CustomStringConvertible {
    /// An environment variable lacks its companion.
    case environment(variable: String, missing: String)
    /// An environment variable begins as those of credentials do, but is none.
    case unknownVariable(String, prefix: String)
    /// A configuration file can't be read or isn't of the form.
    case configuration(path: String, reason: String)
    /// A credential helper failed.
    case helper(program: String, registry: String, reason: String)

    /// What failed, and where.
    public var description: String {
        switch self {
        case .environment(let variable, let missing):
            "The environment variable \(variable) is set but \(missing) is not; set both"
        case .unknownVariable(let variable, let prefix):
            "The environment variable \(variable) is not known; there are \(prefix)_HOSTNAME, _USERNAME, _PASSWORD, "
                + "_IDENTITY_TOKEN and _REGISTRY_TOKEN, each with or without a suffix such as _0"
        case .configuration(let path, let reason): "Reading credentials from '\(path)': \(reason)"
        case .helper(let program, let registry, let reason):
            "Asking the credential helper \(program) for \(registry): \(reason)"
        }
    }
}
