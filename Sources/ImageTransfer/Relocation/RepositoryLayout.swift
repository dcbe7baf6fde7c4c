public import ContainerImage

/// In which repositories images arrive.
public enum RepositoryLayout: String, Sendable, CaseIterable {
    /// All in the one that is given.
    case flat
    /// Each below it, under the path that it had: `docker.io/library/nginx` becomes `REPOSITORY/library/nginx`.
    case mirror
    /// Each below it, under host and path: `docker.io/library/nginx` becomes `REPOSITORY/docker.io/library/nginx`.
    case mirrorWithHost = "mirror-with-host"

    /// Where what was in `source` arrives.
    ///
    /// - Throws: `ReferenceError` if that is not a valid repository name, such as one that is too long.
    public func repository(for source: Repository, below root: Repository) throws(ReferenceError) -> Repository {
        switch self {
        case .flat: root
        case .mirror: try Repository("\(root)/\(source.path)")
        case .mirrorWithHost: try Repository("\(root)/\(Self.pathPart(of: source.registry))/\(source.path)")
        }
    }

    /// A host as a part of a path: `docker.io`, `127.0.0.1-5000`.
    private static func pathPart(of host: RegistryHost) -> String {
        guard host != .dockerHub else { return "docker.io" }
        let parts = host.name.lowercased().split { !($0.isLetter || $0.isNumber || $0 == "." || $0 == "-") }
        return parts.joined(separator: "-")
    }
}
