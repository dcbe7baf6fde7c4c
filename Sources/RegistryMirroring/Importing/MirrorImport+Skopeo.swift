import ContainerImage
import KubernetesYAML

/// skopeo sync: registries, with images by tags, expressions and ranges (skopeo-sync(1)).
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
                for digest in digests { add(image: "\(host)/\(name)@\(digest)", to: Self.goal(of: name)) }
                if !names.isEmpty || digests.isEmpty {
                    let list = names.isEmpty ? nil : YAMLValue.list(names.map { .string($0) })
                    add(repository: "\(host)/\(name)", tags: list, to: Self.goal(of: name))
                }
            }
            for (name, pattern) in map["images-by-tag-regex"]?.mapValue ?? [:] {
                let text = pattern.stringValue ?? ""
                let tags = YAMLValue.map(["regex": .list([.string(Self.whole(text))])])
                add(repository: "\(host)/\(name)", tags: tags, to: Self.goal(of: name))
            }
            for (name, range) in map["images-by-semver"]?.mapValue ?? [:] {
                let text = range.stringValue ?? ""
                do {
                    _ = try VersionRange(text)
                    let tags = YAMLValue.map(["semver": .string(text), "shortVersions": true])
                    add(repository: "\(host)/\(name)", tags: tags, to: Self.goal(of: name))
                } catch {
                    remarks.append("\(host)/\(name): \(error)")
                }
            }
        }
        remarks.append(
            "the flags of skopeo sync: images go where it puts them unless scoped (then delete map, and say layout: "
                + "mirror-with-host), with all of their platforms (unless named by platforms)"
        )
        return true
    }

    /// Images go by the last part of their names.
    private static func goal(of name: String) -> MirrorRoutes.Goal {
        .path(name.split(separator: "/").last.map(String.init) ?? name)
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
