import ContainerImage
import KubernetesYAML

/// Kubernetes' MutatingAdmissionPolicy and its binding (KEP-3962): pods that are created get the mirrors' names. There is a
/// file for `v1`, and one for `v1beta1`.
enum AdmissionPolicy {
    private static let name = "kbld-mirrors"

    static func files(_ mirrors: ClusterMirrors) -> [ConfigurationFile] {
        [("v1", "mutating-admission-policy.yaml"), ("v1beta1", "mutating-admission-policy-v1beta1.yaml")].map {
            let version = YAMLValue.string("admissionregistration.k8s.io/\($0.0)")
            let policy: YAMLValue = [
                "apiVersion": version, "kind": "MutatingAdmissionPolicy", "metadata": ["name": .string(name)],
                "spec": spec(mirrors),
            ]
            let binding: YAMLValue = [
                "apiVersion": version, "kind": "MutatingAdmissionPolicyBinding", "metadata": ["name": .string(name)],
                "spec": ["policyName": .string(name)],
            ]
            return ConfigurationFile($0.1, marked: YAMLWriter.text(ofDocuments: [policy, binding]))
        }
    }

    private static func spec(_ mirrors: ClusterMirrors) -> YAMLValue {
        var variables: [YAMLValue] = [
            ["name": "mirrors", "expression": .string(map(mirrors.mirrorsBySpelling))]
        ]
        if mirrors.fallback == .allow {
            let digests = mirrors.allDigests.map { "'\($0)'" }.joined(separator: ", ")
            variables.append(["name": "digests", "expression": .string("[\(digests)]")])
        }
        return [
            // Where images may come from elsewhere, pods start without the policy rather than not at all.
            "failurePolicy": mirrors.fallback == .never ? "Fail" : "Ignore",
            "reinvocationPolicy": "IfNeeded",
            "matchConstraints": [
                "resourceRules": [rule("CREATE", "pods"), rule("UPDATE", "pods/ephemeralcontainers")]
            ],
            "variables": .list(variables),
            "mutations": .list(mutations(mirrors)),
        ]
    }

    private static func rule(_ operation: String, _ resource: String) -> YAMLValue {
        [
            "apiGroups": [""], "apiVersions": ["v1"], "operations": [.string(operation)],
            "resources": [.string(resource)],
        ]
    }

    private static func mutations(_ mirrors: ClusterMirrors) -> [YAMLValue] {
        let containers = ["containers", "initContainers", "ephemeralContainers"].map { field in
            // Containers that run can't be changed.
            let isNew =
                field == "ephemeralContainers"
                ? " && (oldObject == null || !oldObject.spec.?ephemeralContainers.orValue([]).exists(o, o.name == c.name))"
                : ""
            return "Object{spec: Object.spec{\(field): object.spec.?\(field).orValue([])"
                + ".filter(c, has(c.image) && \(condition("c.image", mirrors))\(isNew))"
                + ".map(c, Object.spec.\(field){name: c.name, image: \(value("c.image", mirrors))})}}"
        }
        let volumes =
            "Object{spec: Object.spec{volumes: object.spec.?volumes.orValue([])"
            + ".filter(v, has(v.image) && has(v.image.reference) && \(condition("v.image.reference", mirrors)))"
            + ".map(v, Object.spec.volumes{name: v.name, "
            + "image: Object.spec.volumes.image{reference: \(value("v.image.reference", mirrors))}})}}"
        return (containers + [volumes]).map {
            ["patchType": "ApplyConfiguration", "applyConfiguration": ["expression": .string($0)]]
        }
    }

    /// Whether an image is renamed: its repository has a mirror, which has what it names.
    private static func condition(_ image: String, _ mirrors: ClusterMirrors) -> String {
        let isMirrored = "\(repository(image)) in variables.mirrors"
        let digest = "\(image).find('@[a-z0-9]+:[0-9a-f]+$')"
        return switch (mirrors.fallback, mirrors.hasTags) {
        case (.allow, false): "\(isMirrored) && \(digest) in variables.digests"
        case (.allow, true): "\(isMirrored) && (!\(image).contains('@') || \(digest) in variables.digests)"
        case (.never, false): "\(isMirrored) && \(digest) != ''"
        case (.never, true): isMirrored
        }
    }

    private static func value(_ image: String, _ mirrors: ClusterMirrors) -> String {
        let rest = mirrors.hasTags ? "(:[^:@/]+)?(@[^@/]+)?$" : "@[a-z0-9]+:[0-9a-f]+$"
        return "variables.mirrors[\(repository(image))] + \(image).find('\(rest)')"
    }

    /// The name without tag and digest.
    private static func repository(_ image: String) -> String { "\(image).find('^([^/]*/)*[^:@/]+')" }

    /// A map of CEL. Names of hosts and repositories have nothing that needs escaping.
    private static func map(_ entries: [(name: String, mirror: String)]) -> String {
        "{" + entries.map { "'\($0.name)': '\($0.mirror)'" }.joined(separator: ", ") + "}"
    }
}

extension ClusterMirrors {
    /// The first mirror of each repository, by all names that documents may have for it.
    var mirrorsBySpelling: [(name: String, mirror: String)] {
        repositories.flatMap { repository in
            repository.source.spellings.map { (name: $0, mirror: repository.mirrors[0].description) }
        }
        .sorted { $0.name < $1.name }
    }

    /// `@` and the digest of each image, sorted.
    var allDigests: [String] { Set(repositories.flatMap(\.digests)).sorted().map { "@\($0)" } }
}
