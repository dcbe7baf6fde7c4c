import ContainerImage
import KubernetesYAML

/// `daemon.json` of Docker, which has mirrors of Docker Hub alone, and these are whole registries.
enum DockerDaemon {
    static func files(_ mirrors: ClusterMirrors) throws(UnsupportedReason) -> [ConfigurationFile] {
        if mirrors.fallback == .never { throw .alwaysFallsBack }
        if let other = mirrors.hosts.first(where: { $0.host != .dockerHub }) {
            throw .dockerHubOnly(other: other.host.name)
        }
        let prefixes: [MirrorPrefix]
        do {
            prefixes = try mirrors.repositories.isEmpty ? [] : mirrors.repositories.placesBelow(.dockerHub)
        } catch {
            guard case .scattered(_, let mirror) = error else { throw error }
            throw .wholeRegistry(mirror)
        }
        if let below = prefixes.first(where: { !$0.path.isEmpty }) {
            throw .wholeRegistry("\(below.registry)/\(below.path)")
        }
        var lines = [list("registry-mirrors", prefixes.map { mirrors.origin(of: $0.registry) })]
        let unverified = prefixes.map(\.registry).filter { mirrors.access(to: $0).skipsVerification }
        if !unverified.isEmpty { lines.insert(list("insecure-registries", unverified.map(\.name)), at: 0) }
        let text = "{\n" + lines.joined(separator: ",\n") + "\n}\n"
        // JSON has no comments.
        let file = ConfigurationFile(path: "daemon.json", text: text)
        return [file, file.checksum] + mirrors.authorityFiles
    }

    private static func list(_ key: String, _ values: [String]) -> String {
        #"  "\#(key)": "# + JSONWriter.compactText(of: .list(values.map { .string($0) }))
    }
}
