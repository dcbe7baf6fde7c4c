import FoundationEssentials
import KubernetesYAML
import RegistryMirroring

/// What failed, as entries that ask for it again.
struct MirrorRest {
    /// The entries; tags of one repository are in one.
    let entries: [YAMLValue]

    /// Creates what is to be written into a file.
    ///
    /// - Parameters:
    ///   - source: The folder that paths are relative to.
    ///   - folder: The folder of the file.
    init(_ failures: [MirrorPlan.Failure], from source: MirrorFolder, to folder: MirrorFolder) {
        var tags: [String: [YAMLValue]] = [:]
        var entries: [YAMLValue] = []
        for entry in failures.map(\.entry) {
            guard let repository = entry["repository"]?.stringValue, let names = entry["tags"]?.listValue,
                entry.mapValue?.count == 2
            else {
                let moved = source == folder ? entry : Self.moved(entry, from: source)
                if !entries.contains(moved) { entries.append(moved) }
                continue
            }
            tags[repository, default: []] += names.filter { tags[repository]?.contains($0) != true }
        }
        self.entries =
            tags.sorted { $0.key < $1.key }.map { .map(["repository": .string($0.key), "tags": .list($0.value)]) }
            + entries
    }

    /// An entry whose paths are those of the whole system.
    private static func moved(_ entry: YAMLValue, from source: MirrorFolder) -> YAMLValue {
        guard var map = entry.mapValue else { return entry }
        let here = MirrorFolder(path: "\(FileManager.default.currentDirectoryPath)/")
        let folder = MirrorFolder(path: here.path(of: source.path))
        for key in ["documents", "charts"] {
            guard let value = map[key] else { continue }
            let paths = (value.listValue ?? [value]).compactMap(\.stringValue)
            map[key] = .list(paths.map { .string(folder.path(of: $0)) })
        }
        return .map(map)
    }
}
