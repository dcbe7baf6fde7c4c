import ContainerImage
import FoundationEssentials
import KubernetesYAML

/// Talos: documents of 1.12 and later (`RegistryMirrorConfig`, `RegistryTLSConfig`), and `machine.registries` of before.
enum TalosRegistries {
    static func files(_ mirrors: ClusterMirrors) throws(UnsupportedReason) -> [ConfigurationFile] {
        var documents: [YAMLValue] = []
        var entries: [String: YAMLValue] = [:]
        for (host, repositories) in mirrors.hosts {
            let urls = try repositories.placesBelow(host).map { YAMLValue.string(mirrors.url(of: $0)) }
            var document: [String: YAMLValue] = [
                "apiVersion": "v1alpha1", "kind": "RegistryMirrorConfig", "name": .string(host.shortName),
                "endpoints": .list(urls.map { ["url": $0, "overridePath": true] }),
            ]
            var entry: [String: YAMLValue] = ["endpoints": .list(urls), "overridePath": true]
            if mirrors.fallback == .never {
                document["skipFallback"] = true
                entry["skipFallback"] = true
            }
            documents.append(.map(document))
            entries[host.shortName] = .map(entry)
        }
        var configs: [String: YAMLValue] = [:]
        for registry in mirrors.registries {
            let access = mirrors.access(to: registry)
            guard !access.isPlainHTTP, mirrors.authority != nil || access.skipsVerification else { continue }
            var document: [String: YAMLValue] = [
                "apiVersion": "v1alpha1", "kind": "RegistryTLSConfig", "name": .string(registry.name),
            ]
            var settings: [String: YAMLValue] = [:]
            if let authority = mirrors.authority {
                document["ca"] = .string(authority)
                settings["ca"] = .string(Data(authority.utf8).base64EncodedString())
            }
            if access.skipsVerification {
                document["insecureSkipVerify"] = true
                settings["insecureSkipVerify"] = true
            }
            documents.append(.map(document))
            configs[registry.name] = ["tls": .map(settings)]
        }
        var registries: [String: YAMLValue] = ["mirrors": .map(entries)]
        if !configs.isEmpty { registries["config"] = .map(configs) }
        let machine: YAMLValue = ["machine": ["registries": .map(registries)]]
        return [
            ConfigurationFile("talos/registry-mirrors.yaml", marked: YAMLWriter.text(ofDocuments: documents)),
            ConfigurationFile("talos/machine-registries.yaml", marked: YAMLWriter.text(of: machine)),
        ]
    }
}
