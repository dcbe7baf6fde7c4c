import ContainerImage

/// containerd's `hosts.toml`, a folder for each host (containerd, docs/hosts.md).
enum HostsTOML {
    static func files(_ mirrors: ClusterMirrors) throws(UnsupportedReason) -> [ConfigurationFile] {
        var files: [ConfigurationFile] = []
        for (host, repositories) in mirrors.hosts {
            let prefixes = try repositories.placesBelow(host)
            let folder = "certs.d/\(host.shortName)"
            let table = prefixes.map { prefix in
                "[host.\(quoted(mirrors.url(of: prefix)))]\n"
                    + settings(of: prefix, mirrors).map { "  \($0)\n" }.joined()
            }
            files.append(
                ConfigurationFile(
                    "\(folder)/hosts.toml",
                    marked: server(of: host, prefixes, mirrors) + "\n" + table.joined(separator: "\n")
                )
            )
            if let authority = mirrors.authority {
                files.append(ConfigurationFile("\(folder)/ca.crt", marked: authority))
            }
        }
        return files
    }

    /// What is asked after all mirrors. Without a server it would be the host itself, so that where that must not be, it is
    /// the last mirror once more.
    private static func server(
        of host: RegistryHost,
        _ prefixes: [MirrorPrefix],
        _ mirrors: ClusterMirrors
    ) -> String {
        guard mirrors.fallback == .never, let last = prefixes.last else {
            let scheme = host.isLoopback ? "http" : "https"
            return "server = \(quoted("\(scheme)://\(host == .dockerHub ? "registry-1.docker.io" : host.name)"))\n"
        }
        let lines = ["server = \(quoted(mirrors.url(of: last)))"] + settings(of: last, mirrors)
        return lines.map { "\($0)\n" }.joined()
    }

    private static func settings(of prefix: MirrorPrefix, _ mirrors: ClusterMirrors) -> [String] {
        let access = mirrors.access(to: prefix.registry)
        return [#"capabilities = ["pull", "resolve"]"#, "override_path = true"]
            + (mirrors.authority != nil && !access.isPlainHTTP ? [#"ca = "ca.crt""#] : [])
            + (access.skipsVerification && !access.isPlainHTTP ? ["skip_verify = true"] : [])
    }

    /// A basic string of TOML. Names of hosts and repositories have nothing that needs escaping.
    static func quoted(_ text: String) -> String { "\"\(text)\"" }
}

extension ClusterMirrors {
    /// The address below which the distribution protocol has the images.
    func url(of prefix: MirrorPrefix) -> String {
        origin(of: prefix.registry) + "/v2" + (prefix.path.isEmpty ? "" : "/" + prefix.path)
    }
}

extension [ClusterMirrors.MirroredRepository] {
    /// The places below which all repositories of `host` are.
    ///
    /// - Throws: `UnsupportedReason.scattered`, naming one that isn't.
    func placesBelow(_ host: RegistryHost) throws(UnsupportedReason) -> [MirrorPrefix] {
        if let prefixes { return prefixes }
        let odd = first { repository in
            repository.mirrors.contains { MirrorPrefix(of: repository.source, in: $0) == nil }
        }
        throw .scattered(host: host.shortName, mirror: (odd ?? self[0]).mirrors[0].description)
    }
}
