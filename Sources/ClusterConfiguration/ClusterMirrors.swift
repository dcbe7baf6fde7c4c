public import ContainerImage

/// Which repositories have mirrors, and how those are reached: what all formats are written from.
///
/// The same values give the same files, in whatever order they came.
public struct ClusterMirrors: Sendable, Hashable {
    /// A repository and what has its images as well, under the same digests.
    public struct MirroredRepository: Sendable, Hashable {
        /// The repository that images are named after.
        public let source: Repository
        /// Its mirrors, in the order in which they are asked.
        public let mirrors: [Repository]
        /// The images and indexes that are there.
        public var digests: Set<Digest>

        /// Creates a repository with its mirrors.
        public init(_ source: Repository, mirrors: [Repository], digests: Set<Digest>) {
            self.source = source
            self.mirrors = mirrors
            self.digests = digests
        }
    }

    /// What happens to an image that no mirror has.
    public enum Fallback: String, Sendable, CaseIterable {
        /// The registry that it is named after is never asked.
        case never
        /// That registry is asked.
        case allow
    }

    /// How a registry is reached.
    public struct Access: Sendable, Hashable {
        /// Whether it speaks plain HTTP.
        public var isPlainHTTP: Bool
        /// Whether its certificate isn't checked.
        public var skipsVerification: Bool

        /// Creates a way to reach a registry.
        public init(isPlainHTTP: Bool = false, skipsVerification: Bool = false) {
            self.isPlainHTTP = isPlainHTTP
            self.skipsVerification = skipsVerification
        }
    }

    /// The repositories, in the order of their names.
    public let repositories: [MirroredRepository]
    /// How the registries of mirrors are reached; one that isn't listed is by HTTPS, with its certificate checked.
    public var access: [RegistryHost: Access] = [:]
    /// What happens to an image that no mirror has.
    public var fallback = Fallback.allow
    /// Whether the mirrors have the images' tags as well.
    public var hasTags = false
    /// PEM certificates that sign those of the mirrors, if the nodes don't trust these anyway.
    public var authority: String?
    /// Indexes that were filtered and so have new digests, under which no mirror can stand for the original.
    public var filteredIndexes: [DigestReference] = []

    /// Creates mirrors of `repositories`; of those with the same source the first tells the mirrors, and digests are
    /// joined. A mirror that is the source itself is left out.
    public init(_ repositories: [MirroredRepository]) {
        var known: [Repository: MirroredRepository] = [:]
        for repository in repositories {
            let mirrors = repository.mirrors.filter { $0 != repository.source }
            guard !mirrors.isEmpty else { continue }
            let new = MirroredRepository(repository.source, mirrors: mirrors, digests: repository.digests)
            known[repository.source, default: new].digests.formUnion(repository.digests)
        }
        self.repositories = known.values.sorted { $0.source < $1.source }
    }

    /// The registries of the mirrors, each once, in the order of their names.
    var registries: [RegistryHost] {
        Set(repositories.flatMap(\.mirrors).map(\.registry)).sorted { $0.name < $1.name }
    }

    /// The hosts that images are named after, with their repositories.
    var hosts: [(host: RegistryHost, repositories: [MirroredRepository])] {
        Dictionary(grouping: repositories, by: \.source.registry)
            .sorted { $0.key.shortName < $1.key.shortName }
            .map { (host: $0.key, repositories: $0.value) }
    }

    /// How `registry` is reached.
    func access(to registry: RegistryHost) -> Access { access[registry] ?? Access() }

    /// `http` or `https`, `://` and the host.
    func origin(of registry: RegistryHost) -> String {
        "\(access(to: registry).isPlainHTTP ? "http" : "https")://\(registry.name)"
    }
}

/// A place in a registry below which the repositories of a host are, under their own paths.
struct MirrorPrefix: Hashable {
    let registry: RegistryHost
    /// Without slashes at its ends; empty for the whole registry.
    let path: String

    /// The place below which `mirror` is under the path of `source`; nil if it is under another one.
    init?(of source: Repository, in mirror: Repository) {
        registry = mirror.registry
        if mirror.path == source.path {
            path = ""
        } else {
            guard mirror.path.hasSuffix("/" + source.path) else { return nil }
            path = String(mirror.path.dropLast(source.path.utf8.count + 1))
        }
    }

    /// What comes before the path of a repository: empty, or with a slash at its end.
    var pathBefore: String { path.isEmpty ? "" : path + "/" }
}

extension [ClusterMirrors.MirroredRepository] {
    /// The places below which all of these repositories are, in the order in which they are asked; nil where they are
    /// scattered.
    var prefixes: [MirrorPrefix]? {
        let all = map { repository in repository.mirrors.map { MirrorPrefix(of: repository.source, in: $0) } }
        guard let first = all.first, all.allSatisfy({ $0 == first }) else { return nil }
        let found = first.compactMap(\.self)
        return found.count == first.count ? found : nil
    }
}

extension RegistryHost {
    /// The name that runtimes have for it: Docker Hub is `docker.io`.
    var shortName: String { self == .dockerHub ? "docker.io" : name }
}

extension Repository {
    /// The name that runtimes have for it.
    var shortName: String { "\(registry.shortName)/\(path)" }

    /// All names by which documents may mean it, the longest first.
    var spellings: [String] {
        guard registry == .dockerHub else { return [description] }
        let paths = path.hasPrefix("library/") ? [path, String(path.dropFirst("library/".count))] : [path]
        return ["index.docker.io/", "docker.io/", ""].flatMap { host in paths.map { host + $0 } }
    }
}
