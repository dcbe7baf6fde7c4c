import ContainerImage
import KubernetesYAML

/// A ClusterPolicy of Kyverno (`kyverno.io/v1`): pods that are created get the mirrors' names.
enum KyvernoPolicy {
    static func files(_ mirrors: ClusterMirrors) -> [ConfigurationFile] {
        let rules =
            ["containers", "initContainers", "ephemeralContainers"].map { field in
                rule(for: field, image: "element.image", in: "request.object.spec.\(field)[]", mirrors) {
                    ["image": $0]
                }
            } + [
                rule(
                    for: "volumes",
                    image: "element.image.reference",
                    in: "request.object.spec.volumes[?image]",
                    mirrors
                ) { ["image": ["reference": $0]] }
            ]
        let document: YAMLValue = [
            "apiVersion": "kyverno.io/v1", "kind": "ClusterPolicy",
            "metadata": [
                "name": "kbld-mirrors",
                // Templates of pods stay as they are.
                "annotations": ["pod-policies.kyverno.io/autogen-controllers": "none"],
            ],
            "spec": ["background": false, "rules": .list(rules)],
        ]
        return [ConfigurationFile("kyverno.yaml", marked: YAMLWriter.text(of: document))]
    }

    private static func rule(
        for field: String,
        image: String,
        in list: String,
        _ mirrors: ClusterMirrors,
        patch: (YAMLValue) -> YAMLMap
    ) -> YAMLValue {
        let isEphemeral = field == "ephemeralContainers"
        let resources: YAMLValue = [
            "kinds": [isEphemeral ? "Pod/ephemeralcontainers" : "Pod"],
            "operations": [isEphemeral ? "UPDATE" : "CREATE"],
        ]
        var item = patch("{{ mirror }}{{ rest }}")
        item["(name)"] = "{{ element.name }}"
        let names = mirrors.mirrorsBySpelling.map { ($0.name, YAMLValue.string($0.mirror)) }
        return [
            "name": .string(field),
            "match": ["any": [["resources": resources]]],
            "context": [["name": "mirrors", "variable": ["value": .map(Dictionary(names) { first, _ in first })]]],
            "mutate": [
                "foreach": [
                    [
                        "list": .string(list), "context": context(image, mirrors),
                        "preconditions": ["all": .list(preconditions(mirrors))],
                        "patchStrategicMerge": ["spec": .map([field: [.map(item)]])],
                    ]
                ]
            ],
        ]
    }

    private static func context(_ image: String, _ mirrors: ClusterMirrors) -> YAMLValue {
        func variable(_ name: String, _ path: String) -> YAMLValue {
            ["name": .string(name), "variable": ["jmesPath": .string(path), "default": ""]]
        }
        let rest = mirrors.hasTags ? "^(?:[^/]*/)*[^:@/]+" : "^[^@]*"
        return [
            variable("repository", "regex_replace_all('[:@][^/]*$', \(image), '')"),
            variable("rest", "regex_replace_all('\(rest)', \(image), '')"),
            variable("mirror", "lookup(mirrors, repository)"),
        ]
    }

    private static func preconditions(_ mirrors: ClusterMirrors) -> [YAMLValue] {
        let mirror: YAMLValue = ["key": "{{ mirror }}", "operator": "NotEquals", "value": ""]
        let pinned: YAMLValue = ["key": "{{ rest }}", "operator": "NotEquals", "value": ""]
        let known: YAMLValue = [
            "key": "{{ rest }}", "operator": "AnyIn", "value": .list(mirrors.allDigests.map { .string($0) }),
        ]
        return switch (mirrors.fallback, mirrors.hasTags) {
        case (.allow, false): [mirror, known]
        case (.never, false): [mirror, pinned]
        case (_, true): [mirror]
        }
    }
}
