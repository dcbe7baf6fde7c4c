import ContainerImage

/// Which repositories a rule is for: those of a host, those below a path, or those of all hosts below a domain.
struct MirrorPattern: Sendable, Hashable {
    private enum Host: Sendable, Hashable {
        /// A name in lower case.
        case one(String)
        /// `.example.com`
        case below(String)
    }

    private let host: Host
    private let path: [Substring]

    /// Parses `host`, `host/path` or `*.host`; nil for anything else.
    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Substring($0) }
        guard let first = parts.first, !first.isEmpty else { return nil }
        path = Array(parts.dropFirst())
        guard path.allSatisfy({ !$0.isEmpty && !$0.contains("@") && !$0.contains(":") }) else { return nil }
        if first.hasPrefix("*.") {
            let domain = first.dropFirst()
            guard path.isEmpty, (try? RegistryHost(domain.dropFirst())) != nil, !domain.contains(":") else {
                return nil
            }
            host = .below(domain.lowercased())
        } else {
            guard let registry = try? RegistryHost(first) else { return nil }
            host = .one(Self.name(of: registry))
        }
    }

    /// The pattern of all repositories of `registry`.
    init(_ registry: RegistryHost) { (host, path) = (.one(Self.name(of: registry)), []) }

    /// Other spellings of a host are the same one.
    private static func name(of registry: RegistryHost) -> String {
        let name = registry.name.lowercased()
        return (try? RegistryHost(name))?.name ?? name
    }

    /// How much of a name it says: the longest that matches is the one that counts.
    var length: Int {
        switch host {
        case .one(let name): 1000 + name.utf8.count + path.reduce(0) { $0 + 1 + $1.utf8.count }
        case .below(let domain): domain.utf8.count
        }
    }

    /// The rest of the path of `repository`; nil where it doesn't match.
    func rest(of repository: Repository) -> [Substring]? {
        switch host {
        case .one(let name): guard name == Self.name(of: repository.registry) else { return nil }
        case .below(let domain):
            // A port is no part of a domain.
            let name = repository.registry.name.lowercased().split(separator: ":").first ?? ""
            guard name.hasSuffix(domain) else { return nil }
        }
        let parts = repository.path.split(separator: "/")
        guard parts.starts(with: path) else { return nil }
        return Array(parts.dropFirst(path.count))
    }
}
