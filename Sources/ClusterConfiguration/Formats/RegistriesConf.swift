import ContainerImage

/// `registries.conf` of podman, CRI-O, skopeo and buildah (containers-registries.conf(5), version 2).
enum RegistriesConf {
    static func files(_ mirrors: ClusterMirrors) -> [ConfigurationFile] {
        let tables = mirrors.hosts.flatMap { host, repositories in
            guard let prefixes = repositories.prefixes else {
                return repositories.map { repository in
                    let places = repository.mirrors.map { (location: $0.description, registry: $0.registry) }
                    return table(for: repository.source.shortName, places, mirrors)
                }
            }
            let places = prefixes.map { prefix in
                let below = prefix.path.isEmpty ? "" : "/" + prefix.path
                return (location: prefix.registry.name + below, registry: prefix.registry)
            }
            return [table(for: host.shortName, places, mirrors)]
        }
        return [ConfigurationFile("registries.conf.d/50-kbld.conf", marked: tables.joined(separator: "\n"))]
            + mirrors.authorityFiles
    }

    private static func table(
        for prefix: String,
        _ places: [(location: String, registry: RegistryHost)],
        _ mirrors: ClusterMirrors
    ) -> String {
        var lines = ["[[registry]]", #"prefix = "\#(prefix)""#, #"location = "\#(prefix)""#]
        if mirrors.fallback == .never { lines.append("blocked = true") }
        for place in places {
            let access = mirrors.access(to: place.registry)
            lines += ["", "[[registry.mirror]]", #"location = "\#(place.location)""#]
            if access.isPlainHTTP || access.skipsVerification { lines.append("insecure = true") }
            lines.append(#"pull-from-mirror = "\#(mirrors.hasTags ? "all" : "digest-only")""#)
        }
        return lines.map { "\($0)\n" }.joined()
    }
}

extension ClusterMirrors {
    /// The authority's certificates where podman, CRI-O and Docker look for them: in a folder named after the registry.
    var authorityFiles: [ConfigurationFile] {
        guard let authority else { return [] }
        return registries.filter { !access(to: $0).isPlainHTTP }.map {
            ConfigurationFile("certs.d/\($0.name)/ca.crt", marked: authority)
        }
    }
}
