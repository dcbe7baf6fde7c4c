import ContainerImage
import KubernetesYAML

/// `registries.yaml` of k3s and RKE2 (docs.k3s.io, "Private Registry Configuration").
enum K3sRegistries {
    /// Where the file with the authority's certificates is on nodes.
    private static let authorityPath = "/etc/rancher/mirror-ca.crt"

    static func files(_ mirrors: ClusterMirrors) throws(UnsupportedReason) -> [ConfigurationFile] {
        var entries: [String: YAMLValue] = [:]
        for (host, repositories) in mirrors.hosts {
            entries[host.shortName] = try entry(of: host, repositories, mirrors)
        }
        var document: [String: YAMLValue] = ["mirrors": .map(entries)]
        let configs = Self.configs(mirrors)
        if !configs.isEmpty { document["configs"] = .map(configs) }
        // What a file can't say is a setting of the server.
        let note =
            mirrors.fallback == .never
            ? "# Start k3s or RKE2 with disable-default-registry-endpoint: true, or they fall back to the original registry.\n"
            : ""
        var files = [ConfigurationFile("registries.yaml", marked: note + YAMLWriter.text(of: .map(document)))]
        if let authority = mirrors.authority { files.append(ConfigurationFile("mirror-ca.crt", marked: authority)) }
        return files
    }

    /// What is rewritten is the repository's path, by expressions of Go.
    private static func entry(
        of host: RegistryHost,
        _ repositories: [ClusterMirrors.MirroredRepository],
        _ mirrors: ClusterMirrors
    ) throws(UnsupportedReason) -> YAMLValue {
        var rewrites: [String: YAMLValue] = [:]
        var registries: [RegistryHost] = []
        if let prefixes = repositories.prefixes, let first = prefixes.first {
            guard prefixes.allSatisfy({ $0.path == first.path }) else { throw .differentPaths(host: host.shortName) }
            registries = prefixes.map(\.registry)
            if !first.path.isEmpty { rewrites["^(.*)$"] = .string("\(first.path)/$1") }
        } else {
            for repository in repositories {
                let paths = Set(repository.mirrors.map(\.path))
                let own = repository.mirrors.map(\.registry)
                guard let path = paths.first, paths.count == 1, registries.isEmpty || registries == own else {
                    throw .differentPaths(host: host.shortName)
                }
                registries = own
                rewrites["^\(repository.source.path.replacing(".", with: "\\."))$"] = .string(path)
            }
        }
        var entry: [String: YAMLValue] = ["endpoint": .list(registries.map { .string(mirrors.origin(of: $0)) })]
        if !rewrites.isEmpty { entry["rewrite"] = .map(rewrites) }
        return .map(entry)
    }

    private static func configs(_ mirrors: ClusterMirrors) -> [String: YAMLValue] {
        var configs: [String: YAMLValue] = [:]
        for registry in mirrors.registries {
            let access = mirrors.access(to: registry)
            guard !access.isPlainHTTP else { continue }
            var settings: [String: YAMLValue] = [:]
            if mirrors.authority != nil { settings["ca_file"] = .string(authorityPath) }
            if access.skipsVerification { settings["insecure_skip_verify"] = true }
            if !settings.isEmpty { configs[registry.name] = ["tls": .map(settings)] }
        }
        return configs
    }
}
