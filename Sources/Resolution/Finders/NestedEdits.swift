import KubernetesYAML

/// Changes values within a text of YAML or JSON, and nothing else of it.
enum NestedEdits {
    /// The text in which `before`, its documents, are `after`.
    ///
    /// - Returns: nil where it takes more than other values in the places of some.
    static func apply(to text: String, from before: [YAMLValue], to after: [YAMLValue]) -> String? {
        let bytes = Array(text.utf8)
        guard let source = try? YAMLSource(bytes, file: "") else { return nil }
        let roots = source.documents.filter { source.value(at: $0) != .null }
        guard roots.count == before.count, roots.count == after.count else { return nil }
        var edits: [Range<Int>: [UInt8]] = [:]
        for ((root, old), new) in zip(zip(roots, before), after) {
            guard compare(root, old, new, source, bytes, &edits) else { return nil }
        }
        var edited: [UInt8] = []
        var end = 0
        for (range, replacement) in edits.sorted(by: { $0.key.lowerBound < $1.key.lowerBound }) {
            guard range.lowerBound >= end else { return nil }
            edited += bytes[end..<range.lowerBound]
            edited += replacement
            end = range.upperBound
        }
        edited += bytes[end...]
        let result = String(decoding: edited, as: UTF8.self)
        // Aliases, and whatever else may have been overlooked.
        let read = JSONReader.values(of: result) ?? (try? YAMLReader.values(in: result, file: ""))
        return read?.filter { $0 != .null } == after ? result : nil
    }

    private static func compare(
        _ position: Int,
        _ old: YAMLValue,
        _ new: YAMLValue,
        _ source: YAMLSource,
        _ bytes: [UInt8],
        _ edits: inout [Range<Int>: [UInt8]]
    ) -> Bool {
        if old == new { return true }
        let node = source.nodes[source.resolved(position)]
        switch (node.content, old, new) {
        case (.list(let items), .list(let old), .list(let new)):
            guard items.count == old.count, old.count == new.count else { return false }
            return zip(items, zip(old, new)).allSatisfy { compare($0, $1.0, $1.1, source, bytes, &edits) }
        case (.map(let entries), .map(let old), .map(let new)):
            guard old.keys == new.keys else { return false }
            return zip(old, new).allSatisfy { old, new in
                if old.value == new.value { return true }
                guard let entry = entries.last(where: { source.name(of: $0.key) == old.key }) else { return false }
                return compare(entry.value, old.value, new.value, source, bytes, &edits)
            }
        case (.scalar(let text, let style), _, .string(let new)):
            var range = node.range
            if style == .singleQuoted || style == .doubleQuoted {
                guard range.count >= 2 else { return false }
                range = range.lowerBound + 1..<range.upperBound - 1
            }
            guard style != .literal, style != .folded, bytes[range].elementsEqual(text.utf8) else { return false }
            edits[range] = Array(new.utf8)
            return true
        default: return false
        }
    }
}
