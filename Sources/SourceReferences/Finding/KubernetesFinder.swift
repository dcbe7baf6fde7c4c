import KbldConfiguration
import KubernetesYAML
import Resolution

/// Finds references in Kubernetes documents by search rules.
///
/// The search knows values, not bytes. It is asked to put a mark in the place of each reference: where marks come to
/// be, references are.
struct KubernetesFinder {
    private let search: ReferenceSearch

    init(rules: [SearchRule]) { search = ReferenceSearch(rules: rules) }

    /// The findings in a document; none in one that is configuration.
    func findings(in root: YAMLCursor) -> [Finding] {
        let value = root.source.value(at: root.position)
        guard !Configuration.isConfiguration(value) else { return [] }
        guard value.listItems != nil, let items = root["items"]?.items else { return findings(in: root, value) }
        return items.flatMap { findings(in: YAMLCursor($0.source, at: $0.written), $0.source.value(at: $0.position)) }
    }

    private func findings(in resource: YAMLCursor, _ value: YAMLValue) -> [Finding] {
        var marks: [String: String] = [:]
        let marked = search.replace(in: value) { reference in
            let mark = "\u{1}\(marks.count)\u{1}"
            marks[mark] = reference
            return mark
        }
        guard !marks.isEmpty else { return [] }
        var found: [Finding] = []
        compare(value, marked, at: resource, marks, name: Self.name(of: value), into: &found)
        return found
    }

    private func compare(
        _ value: YAMLValue,
        _ marked: YAMLValue,
        at cursor: YAMLCursor,
        _ marks: [String: String],
        name: String,
        into found: inout [Finding]
    ) {
        switch (value, marked) {
        case (.map(let before), .map(let after)):
            for (old, new) in zip(before, after) {
                guard let child = cursor[old.key] else { continue }
                compare(old.value, new.value, at: child, marks, name: name, into: &found)
            }
        case (.list(let before), .list(let after)):
            for (child, (old, new)) in zip(cursor.items, zip(before, after)) {
                compare(old, new, at: child, marks, name: name, into: &found)
            }
        case (.string(let before), .string(let after)) where before != after:
            let place = name.isEmpty ? cursor.path : "\(name) \(cursor.path)"
            if marks[after] != nil {
                found.append(Finding(cursor, place: place))
            } else {
                let nested = Self.marks(in: after).compactMap { marks[$0] }
                if !nested.isEmpty { found.append(Finding(cursor, place: place, .nested(nested))) }
            }
        default: break
        }
    }

    /// The marks in a text that was written anew, where they may be escaped.
    private static func marks(in text: String) -> [String] {
        text.replacing("\\u0001", with: "\u{1}").replacing("\\x01", with: "\u{1}")
            .split(separator: "\u{1}", omittingEmptySubsequences: false)
            .filter { !$0.isEmpty && $0.utf8.allSatisfy { (48...57).contains($0) } }
            .map { "\u{1}\($0)\u{1}" }
    }

    /// `Deployment/shop`.
    private static func name(of value: YAMLValue) -> String {
        let metadata = value["metadata"]
        let name = metadata?["name"]?.stringValue ?? metadata?["generateName"]?.stringValue.map { $0 + "*" } ?? ""
        return [value["kind"]?.stringValue ?? "", name].filter { !$0.isEmpty }.joined(separator: "/")
    }
}
