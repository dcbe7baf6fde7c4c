public import ContainerImage
public import ImageStore
public import MirrorRouting

/// Registries that are read by way of mirrors: what a mirror doesn't give comes from the next, and in the end from the
/// registry itself. What is pushed goes to the registry itself, and its login goes to nobody else.
public struct MirroredRegistry: ImageRegistry {
    let client: RegistryClient
    private let readingClient: RegistryClient
    let rules: MirrorRules
    let health = MirrorHealth()
    let givers = BlobGivers()
    let log: @Sendable (HintedText) -> Void

    /// Creates registries that `client` reaches.
    ///
    /// - Parameters:
    ///   - readingClient: Reaches mirrors, and has the options of ``RegistryOptions/apply(_:)``: what a mirror may do, such as
    ///     showing any certificate, a registry that is pushed to may not. nil for the same client.
    ///   - rules: Which mirrors there are.
    ///   - log: Gets a line for each tag that a mirror gave, for each mirror that fails or refuses, the first time, and
    ///     for each that isn't asked any more.
    public init(
        _ client: RegistryClient,
        readingBy readingClient: RegistryClient? = nil,
        rules: MirrorRules,
        log: @escaping @Sendable (HintedText) -> Void
    ) {
        self.client = client
        self.readingClient = readingClient ?? client
        self.rules = rules
        self.log = log
    }

    /// A repository that is read by way of mirrors.
    public func repository(_ repository: Repository) -> MirroredRepository {
        MirroredRepository(own: client.repository(repository), mirrors: self)
    }

    /// A repository that is asked itself.
    public func destination(_ repository: Repository) -> MirroredRepository {
        MirroredRepository(own: client.repository(repository), mirrors: nil)
    }

    /// The repositories of a registry, which only it can tell.
    public func repositories(in registry: RegistryHost) async throws -> [Repository] {
        try await client.repositories(in: registry)
    }

    /// A place, as a repository that is asked once.
    func remote(_ place: MirrorRules.Place, of repository: Repository) -> RemoteRepository {
        guard let endpoint = place.endpoint else { return client.repository(place.repository) }
        var remote = readingClient.repository(place.repository)
        remote.access = RepositoryAccess(
            root: endpoint.root ?? "/v2",
            namespace: endpoint.sendsNamespace && place.repository.registry != repository.registry
                ? Self.name(of: repository.registry) : nil,
            headers: endpoint.headers
        )
        return remote
    }

    /// The name that containerd has for a registry.
    private static func name(of host: RegistryHost) -> String { host == .dockerHub ? "docker.io" : host.name }
}

extension RegistryOptions {
    /// Reaches the mirrors of `rules` as those say.
    public mutating func apply(_ rules: MirrorRules) {
        for endpoint in rules.endpoints {
            var host = hosts[endpoint.host] ?? HostOptions()
            if endpoint.isInsecure {
                host.allowsPlainHTTP = true
                host.verifiesCertificates = false
            }
            if let usesPlainHTTP = endpoint.usesPlainHTTP { host.usesPlainHTTP = usesPlainHTTP }
            host.certificateAuthorityPaths += endpoint.authorities.filter {
                !host.certificateAuthorityPaths.contains($0)
            }
            if let certificate = endpoint.clientCertificate {
                host.clientCertificate = (certificate: certificate.certificate, key: certificate.key)
            }
            hosts[endpoint.host] = host
        }
    }
}
