import ContainerImage
import KubernetesYAML

/// image-syncer: a map of sources and targets, alone or under `images`.
extension MirrorImport {
    mutating func readImageSyncer(_ documents: [YAMLValue]) -> Bool {
        guard let root = documents.first?.mapValue, !root.isEmpty else { return false }
        let map = root["images"]?.mapValue ?? root
        guard map.allSatisfy({ $0.value.stringValue != nil || $0.value.listValue != nil }) else { return false }
        if root["auth"] != nil { remarks.append("auth: log in to the registries instead") }
        for (source, value) in map {
            let goals = value.stringValue.map { [$0] } ?? value.listValue?.compactMap(\.stringValue) ?? []
            guard let goal = goals.first else { continue }
            for other in goals.dropFirst() {
                remarks.append("\(source) to \(other) as well: one document has one target")
            }
            addRule(source, to: goal)
        }
        return true
    }

    private mutating func addRule(_ source: String, to goal: String) {
        let ((name, tags), (place, newTags)) = (Self.tags(of: source), Self.tags(of: goal))
        let target = goal.contains("@") ? (try? ImageReference(goal))?.repository : try? Repository(place)
        guard !goal.contains("$"), let target else { return remarks.append("\(source) to \(goal)") }
        if source.contains("@") {
            guard newTags == nil else { return remarks.append("\(source) under a tag, \(goal)") }
            return add(image: source, to: .repository(target))
        }
        guard newTags == nil || newTags == tags else { return remarks.append("\(source) under another tag, \(goal)") }
        guard let tags else { return add(repository: name, tags: nil, to: .repository(target)) }
        let list =
            if let text = tags.first, text.count > 2, text.hasPrefix("/"), text.hasSuffix("/") {
                YAMLValue.map(["regex": .list([.string(Self.whole(String(text.dropFirst().dropLast())))])])
            } else {
                YAMLValue.list(tags.map { .string($0) })
            }
        add(repository: name, tags: list, to: .repository(target))
    }

    /// `host/name:tag1,tag2`, or `host/name:/expression/`.
    private static func tags(of source: String) -> (name: String, tags: [String]?) {
        if let start = source.firstRange(of: ":/"), source.hasSuffix("/") {
            return (String(source[..<start.lowerBound]), [String(source[source.index(after: start.lowerBound)...])])
        }
        guard let colon = source.lastIndex(of: ":"), !source[colon...].contains("/"), !source.contains("@") else {
            return (source, nil)
        }
        let tags = source[source.index(after: colon)...].split(separator: ",").map(String.init)
        return (String(source[..<colon]), tags)
    }
}
