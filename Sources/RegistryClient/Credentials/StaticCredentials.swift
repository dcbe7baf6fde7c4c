public import ContainerImage

/// Logins that are given, each for one registry.
///
/// ```swift
/// let credentials = StaticCredentials(username: "robot", password: password, for: try RegistryHost("registry.example"))
/// ```
public struct StaticCredentials: CredentialProvider {
    /// By the hosts' names in lower case.
    private let credentials: [String: Credential]

    /// Creates logins for these registries. A host is one with its port: `registry.example` and `registry.example:5000`
    /// are two.
    public init(_ credentials: [RegistryHost: Credential]) {
        self.credentials = Dictionary(
            credentials.map { ($0.key.name.lowercased(), $0.value) },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// Creates a login for one registry.
    public init(_ credential: Credential, for host: RegistryHost) { self.init([host: credential]) }

    /// Creates a login with a user name and a password for one registry.
    public init(username: String, password: String, for host: RegistryHost) {
        self.init(.password(username: username, password: password), for: host)
    }

    /// Whether there is no login at all.
    public var isEmpty: Bool { credentials.isEmpty }

    /// The login for the registry of `repository`, nil if none was given for it.
    public func credential(for repository: Repository) -> Credential? {
        credentials[repository.registry.name.lowercased()]
    }
}
