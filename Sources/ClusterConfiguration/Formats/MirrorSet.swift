import ContainerImage
import KubernetesYAML

/// OpenShift's sets of mirrors (`config.openshift.io/v1`), which name single repositories.
enum MirrorSet {
    case digests, tags

    func files(_ mirrors: ClusterMirrors) throws(UnsupportedReason) -> [ConfigurationFile] {
        if self == .tags, !mirrors.hasTags { throw .withoutTags }
        for repository in mirrors.repositories {
            // The schema's expression for hosts has no brackets.
            for host in [repository.source.registry] + repository.mirrors.map(\.registry) where host.name.hasPrefix("[")
            {
                throw .host(host.name)
            }
        }
        let policy = mirrors.fallback == .never ? "NeverContactSource" : "AllowContactingSource"
        let entries = mirrors.repositories.map { repository -> YAMLValue in
            [
                "source": .string(repository.source.shortName),
                "mirrors": .list(repository.mirrors.map { .string($0.description) }),
                "mirrorSourcePolicy": .string(policy),
            ]
        }
        let (kind, field, file) =
            self == .digests
            ? ("ImageDigestMirrorSet", "imageDigestMirrors", "idms.yaml")
            : ("ImageTagMirrorSet", "imageTagMirrors", "itms.yaml")
        let document: YAMLValue = [
            "apiVersion": "config.openshift.io/v1", "kind": .string(kind), "metadata": ["name": "kbld"],
            "spec": .map([field: .list(entries)]),
        ]
        return [ConfigurationFile(file, marked: YAMLWriter.text(of: document))]
    }
}
