import ContainerImage
import KubernetesYAML

/// A component of Kustomize that renames images, by each name that documents may have for them.
enum KustomizeComponent {
    static func files(_ mirrors: ClusterMirrors) -> [ConfigurationFile] {
        var images: [(name: String, value: YAMLValue)] = []
        for repository in mirrors.repositories {
            for name in repository.source.spellings {
                // Kustomize takes names for regular expressions: the bracket of an IPv6 address isn't meant as one's.
                let pattern = name.replacing("[", with: "\\[")
                var entry: [String: YAMLValue] = [
                    "name": .string(pattern), "newName": .string(repository.mirrors[0].description),
                ]
                // Of several images each keeps the digest that it is named by.
                if repository.digests.count == 1, let digest = repository.digests.first {
                    entry["digest"] = .string(digest.description)
                }
                images.append((name, .map(entry)))
            }
        }
        let document: YAMLValue = [
            "apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component",
            "images": .list(images.sorted { $0.name < $1.name }.map(\.value)),
        ]
        return [ConfigurationFile("kustomization.yaml", marked: YAMLWriter.text(of: document))]
    }
}
