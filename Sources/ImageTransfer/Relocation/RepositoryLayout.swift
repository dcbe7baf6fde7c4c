public import ContainerImage

/// In which repositories images arrive.
public enum RepositoryLayout: String, Sendable, CaseIterable {
    /// All in the one that is given.
    case flat
    /// Each below it, under the path that it had: `docker.io/library/nginx` becomes `REPOSITORY/library/nginx`.
    case mirror
    /// Each below it, under host and path: `docker.io/library/nginx` becomes `REPOSITORY/docker.io/library/nginx`.
    case mirrorWithHost = "mirror-with-host"

    /// Whether each image arrives under its own path, so that it can be below a registry without one.
    public var keepsPaths: Bool { self != .flat }

    /// Where what was in `source` arrives.
    ///
    /// - Throws: `ReferenceError` if that is not a valid repository name, such as one that is too long.
    public func repository(for source: Repository, below root: Repository) throws(ReferenceError) -> Repository {
        try repository(for: source, below: RepositoryRoot(root))
    }

    /// Where what was in `source` arrives.
    ///
    /// - Throws: `ReferenceError` if that is not a valid repository name: one that is too long, or a registry alone.
    public func repository(for source: Repository, below root: RepositoryRoot) throws(ReferenceError) -> Repository {
        switch self {
        case .flat:
            // A registry without a path isn't a repository, which is the error.
            if let repository = root.repository { return repository }
            return try Repository("\(root)/")
        case .mirror: return try Repository("\(root)/\(source.path)")
        case .mirrorWithHost: return try Repository("\(root)/\(Self.pathPart(of: source.registry))/\(source.path)")
        }
    }

    /// A host as a part of a path: `docker.io`, `127.0.0.1-5000`.
    private static func pathPart(of host: RegistryHost) -> String {
        guard host != .dockerHub else { return "docker.io" }
        let parts = host.name.lowercased().split { !($0.isLetter || $0.isNumber || $0 == "." || $0 == "-") }
        return parts.joined(separator: "-")
    }
}
