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
            let (name, tags) = Self.tags(of: source)
            // A target without a path is one below which the source's is kept.
            if source.contains("@") {
                if fits(source, goal, source) { add(image: source) }
            } else if fits(
                tags.map { $0.count == 1 && !$0[0].hasPrefix("/") ? "\(name):\($0[0])" : name } ?? name,
                goal,
                source
            ) {
                let expressions = (tags ?? []).filter { $0.count > 2 && $0.hasPrefix("/") && $0.hasSuffix("/") }
                let names = (tags ?? []).filter { !expressions.contains($0) }
                if !expressions.isEmpty {
                    let texts = expressions.map { YAMLValue.string(Self.whole(String($0.dropFirst().dropLast()))) }
                    add(repository: name, tags: .map(["regex": .list(texts)]))
                }
                if !names.isEmpty || tags == nil {
                    add(repository: name, tags: names.isEmpty ? nil : .list(names.map { .string($0) }))
                }
            }
        }
        return true
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
