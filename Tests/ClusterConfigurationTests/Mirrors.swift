import ClusterConfiguration
import ContainerImage

/// Images of two hosts, in several places.
enum Mirrors {
    static let digests = ["1", "2", "3"].map { Digest(of: Array($0.utf8)) }

    /// The repositories with their mirrors below `roots`.
    static func repositories(
        _ names: [String],
        at places: (Repository) -> [String]
    ) throws -> [ClusterMirrors.MirroredRepository] {
        try names.enumerated().map { position, name in
            let source = try Repository(name)
            let digests = name.contains("loki") ? Set(digests.prefix(2)) : [digests[position % 3]]
            return .init(source, mirrors: try places(source).map { try Repository($0) }, digests: digests)
        }
    }

    static let names = ["quay.io/coreos/etcd", "nginx", "grafana/loki", "127.0.0.1:5000/team/api"]

    /// Each image below `registry.local/mirror`, under host and path.
    static func withHost() throws -> ClusterMirrors {
        ClusterMirrors(try repositories(names) { ["registry.local/mirror/\(folder(of: $0))/\($0.path)"] })
    }

    /// The same in two registries that nodes trust by an authority, with tags, and nothing else is asked.
    static func strict() throws -> ClusterMirrors {
        var mirrors = ClusterMirrors(
            try repositories(names) { source in
                ["one.local:5000", "two.local"].map { "\($0)/mirror/\(folder(of: source))/\(source.path)" }
            }
        )
        mirrors.fallback = .never
        mirrors.hasTags = true
        mirrors.authority = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
        mirrors.access[try RegistryHost("two.local")] = .init(skipsVerification: true)
        return mirrors
    }

    /// All in one repository.
    static func flat() throws -> ClusterMirrors {
        ClusterMirrors(try repositories(names) { _ in ["registry.local/app"] })
    }

    /// Docker Hub's below a registry without a path, by plain HTTP.
    static func root() throws -> ClusterMirrors {
        var mirrors = ClusterMirrors(try repositories(["nginx", "grafana/loki"]) { ["127.0.0.1:5000/\($0.path)"] })
        mirrors.access[try RegistryHost("127.0.0.1:5000")] = .init(isPlainHTTP: true)
        return mirrors
    }

    /// IPv6 addresses on both sides.
    static func addresses() throws -> ClusterMirrors {
        ClusterMirrors(try repositories(["[2001:db8::1]:5000/app"]) { ["[2001:db8::2]:5000/mirror/\($0.path)"] })
    }

    private static func folder(of repository: Repository) -> String {
        repository.registry == .dockerHub ? "docker.io" : repository.registry.name.replacing(":", with: "-")
    }
}
