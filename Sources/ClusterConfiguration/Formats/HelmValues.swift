import ContainerImage
import KubernetesYAML

/// `global.imageRegistry`, which charts put before the path of each image.
enum HelmValues {
    static func files(_ mirrors: ClusterMirrors) throws(UnsupportedReason) -> [ConfigurationFile] {
        let hosts = mirrors.hosts
        guard hosts.count <= 1 else { throw .severalHosts(hosts.map(\.host.shortName)) }
        let prefix = try hosts.first.map { (host, repositories) throws(UnsupportedReason) in
            try repositories.placesBelow(host)[0]
        }
        let place = prefix.map { $0.registry.name + ($0.path.isEmpty ? "" : "/" + $0.path) } ?? ""
        let document: YAMLValue = ["global": ["imageRegistry": .string(place)]]
        return [ConfigurationFile("helm-values.yaml", marked: YAMLWriter.text(of: document))]
    }
}
