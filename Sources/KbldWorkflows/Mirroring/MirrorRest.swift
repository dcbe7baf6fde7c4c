import KubernetesYAML
import RegistryMirroring

/// What failed, as entries that ask for it again.
struct MirrorRest {
    /// The entries; tags of one repository are in one.
    let entries: [YAMLValue]

    init(_ failures: [MirrorPlan.Failure]) {
        var tags: [String: [YAMLValue]] = [:]
        var entries: [YAMLValue] = []
        for entry in failures.map(\.entry) {
            guard let repository = entry["repository"]?.stringValue, let names = entry["tags"]?.listValue,
                entry.mapValue?.count == 2
            else {
                if !entries.contains(entry) { entries.append(entry) }
                continue
            }
            tags[repository, default: []] += names.filter { tags[repository]?.contains($0) != true }
        }
        self.entries =
            tags.sorted { $0.key < $1.key }.map { .map(["repository": .string($0.key), "tags": .list($0.value)]) }
            + entries
    }
}
