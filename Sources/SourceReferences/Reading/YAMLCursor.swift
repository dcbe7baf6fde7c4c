import KubernetesYAML

/// A value in a file of YAML, and the way to it. Aliases and merge keys are followed.
struct YAMLCursor {
    let source: YAMLSource
    /// The value as it is written there, which may be an alias.
    let written: Int
    /// The value that it comes to.
    let position: Int
    /// The way here, as people write it.
    let path: String

    init(_ source: YAMLSource, at written: Int, path: String = "") {
        self.source = source
        self.written = written
        position = source.resolved(written)
        self.path = path
    }

    var node: YAMLSource.Node { source.nodes[position] }

    /// The text of a scalar that is a string, or looks like one.
    var text: String? {
        guard case .scalar(let text, _) = node.content else { return nil }
        return text
    }

    /// The text of a scalar that is a string to a YAML reader, not a number and not nothing.
    var stringValue: String? {
        guard case .scalar = node.content else { return nil }
        return source.value(at: position).stringValue
    }

    var isMap: Bool { if case .map = node.content { true } else { false } }
    var isList: Bool { if case .list = node.content { true } else { false } }

    /// The entries of a list.
    var items: [YAMLCursor] {
        guard case .list(let items) = node.content else { return [] }
        return items.enumerated().map { YAMLCursor(source, at: $1, path: "\(path)[\($0)]") }
    }

    /// The entries of a map, those included that are merged.
    var entries: [(key: String, value: YAMLCursor)] {
        guard case .map(let entries) = node.content else { return [] }
        var found: [(key: String, value: YAMLCursor)] = []
        var names: Set<String> = []
        for entry in entries.reversed() {
            guard let name = source.name(of: entry.key), names.insert(name).inserted else { continue }
            found.append((name, child(name, entry.value)))
        }
        found.reverse()
        for map in merged {
            for (name, value) in map.entries where names.insert(name).inserted { found.append((name, value)) }
        }
        return found
    }

    /// The value of a key, the own one before those that are merged.
    subscript(key: String) -> YAMLCursor? {
        guard case .map(let entries) = node.content else { return nil }
        if let entry = entries.last(where: { source.name(of: $0.key) == key }) { return child(key, entry.value) }
        for map in merged { if let found = map[key] { return found } }
        return nil
    }

    /// The entry of a key in this map itself.
    func entry(_ key: String) -> YAMLSource.Entry? {
        guard case .map(let entries) = node.content else { return nil }
        return entries.last { source.name(of: $0.key) == key }
    }

    /// The entries of a list, or the values of a map.
    var values: [YAMLCursor] { isList ? items : entries.map(\.value) }

    private var merged: [YAMLCursor] {
        guard case .map(let entries) = node.content else { return [] }
        return entries.filter { source.isMergeKey($0.key) }.flatMap { entry -> [YAMLCursor] in
            let value = YAMLCursor(source, at: entry.value, path: path)
            return value.isList ? value.items.map { YAMLCursor(source, at: $0.written, path: path) } : [value]
        }.filter(\.isMap)
    }

    private func child(_ key: String, _ position: Int) -> YAMLCursor {
        YAMLCursor(source, at: position, path: path.isEmpty ? key : "\(path).\(key)")
    }
}
