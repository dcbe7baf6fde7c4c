import ContainerImage
import KubernetesYAML

/// skopeo sync: registries, with images by tags, expressions and ranges.
extension MirrorImport {
    private static let kinds: Set<String> = ["images", "images-by-tag-regex", "images-by-semver"]

    mutating func readSkopeo(_ documents: [YAMLValue]) -> Bool {
        guard let root = documents.first?.mapValue, !root.isEmpty,
            root.allSatisfy({ $0.value.mapValue?.keys.contains(where: Self.kinds.contains) == true })
        else { return false }
        for (host, value) in root {
            guard let map = value.mapValue else { continue }
            for key in map.keys where !Self.kinds.contains(key) {
                remarks.append("\(host): \(key): log in to the registry, or trust its authority, instead")
            }
            for (name, tags) in map["images"]?.mapValue ?? [:] {
                let (digests, names) = Self.split(tags.listValue ?? [])
                for digest in digests { add(image: "\(host)/\(name)@\(digest)") }
                if !names.isEmpty || digests.isEmpty {
                    add(repository: "\(host)/\(name)", tags: names.isEmpty ? nil : .list(names.map { .string($0) }))
                }
            }
            for (name, pattern) in map["images-by-tag-regex"]?.mapValue ?? [:] {
                let text = pattern.stringValue ?? ""
                add(repository: "\(host)/\(name)", tags: .map(["regex": .string(Self.whole(text))]))
            }
            for (name, range) in map["images-by-semver"]?.mapValue ?? [:] {
                let text = range.stringValue ?? ""
                do {
                    _ = try VersionRange(text)
                    add(repository: "\(host)/\(name)", tags: .map(["semver": .string(text)]))
                } catch {
                    remarks.append("\(host)/\(name): \(error)")
                }
            }
        }
        return true
    }

    private static func split(_ tags: [YAMLValue]) -> (digests: [String], names: [String]) {
        let texts = tags.compactMap { tag -> String? in
            switch tag {
            case .string(let text), .integer(let text): text
            case .float(let number): "\(number)"
            default: nil
            }
        }
        return (texts.filter { $0.contains(":") }, texts.filter { !$0.contains(":") })
    }
}
