import ContainerImage
import KubernetesYAML

/// A value of a file with its place, so that errors can name the line.
struct DocumentNode {
    let source: YAMLSource
    let position: Int
    /// The path within the document: `images[0].tags`; empty for the whole.
    let path: String
    let file: String

    /// What can't be used, with the place.
    func error(_ reason: String, at line: Int? = nil) -> MirrorDocumentError {
        MirrorDocumentError(file: file, line: line ?? source.nodes[position].line, field: path, reason: reason)
    }

    private var content: YAMLSource.Content { source.nodes[source.resolved(position)].content }

    /// The value without its places.
    var value: YAMLValue { source.value(at: position) }

    var isMap: Bool { if case .map = content { true } else { false } }
    var isList: Bool { if case .list = content { true } else { false } }
    var isNull: Bool { value == .null }

    /// The keys of a map with their nodes, in the order in which they are written.
    private func entries() throws(MirrorDocumentError) -> [(name: String, key: Int, value: Int)] {
        guard case .map(let entries) = content else { throw error("expected a map") }
        var found: [(name: String, key: Int, value: Int)] = []
        for entry in entries {
            guard let name = source.name(of: entry.key) else {
                guard source.isMergeKey(entry.key) else { throw error("a key must be text") }
                throw error("merge keys aren't supported here; write the keys out", at: source.nodes[entry.key].line)
            }
            found.append((name, entry.key, entry.value))
        }
        return found
    }

    /// Makes sure that this is a map without keys other than `known`, and without any twice.
    func check(keys known: [String]) throws(MirrorDocumentError) {
        var seen: Set<String> = []
        for entry in try entries() {
            let line = source.nodes[entry.key].line
            guard known.contains(entry.name) else {
                let nearest = Spelling.nearest(to: entry.name, among: known).map { "did you mean '\($0)'? " } ?? ""
                throw error(
                    "unknown key '\(entry.name)'; \(nearest)known are \(known.joined(separator: ", "))",
                    at: line
                )
            }
            guard seen.insert(entry.name).inserted else {
                throw error("the key '\(entry.name)' is there twice", at: line)
            }
        }
    }

    /// The value of a key; nil where it isn't there or null.
    func child(_ key: String) throws(MirrorDocumentError) -> DocumentNode? {
        guard let entry = try entries().last(where: { $0.name == key }) else { return nil }
        let name = path.isEmpty ? key : "\(path).\(key)"
        let child = DocumentNode(source: source, position: entry.value, path: name, file: file)
        return child.isNull ? nil : child
    }

    /// The values of a map with their keys, but for those that are null.
    func children() throws(MirrorDocumentError) -> [(name: String, value: DocumentNode)] {
        var children: [(name: String, value: DocumentNode)] = []
        for entry in try entries() {
            if let value = try child(entry.name) { children.append((entry.name, value)) }
        }
        return children
    }

    /// The items of a list.
    func items() throws(MirrorDocumentError) -> [DocumentNode] {
        guard case .list(let items) = content else { throw error("expected a list") }
        return items.enumerated().map { index, item in
            DocumentNode(source: source, position: item, path: "\(path)[\(index)]", file: file)
        }
    }

    /// The items of a list, or this alone where it isn't one.
    func itemsOrItself() throws(MirrorDocumentError) -> [DocumentNode] { isList ? try items() : [self] }

    /// A text, which may be written as a number.
    func text() throws(MirrorDocumentError) -> String {
        guard case .scalar(let text, _) = content, !isNull, !text.isEmpty else { throw error("expected a text") }
        return text
    }

    /// The texts of a list, or the one that this is.
    func texts() throws(MirrorDocumentError) -> [String] {
        var texts: [String] = []
        for item in try itemsOrItself() { texts.append(try item.text()) }
        return texts
    }

    func flag() throws(MirrorDocumentError) -> Bool {
        guard let flag = value.boolValue else { throw error("expected true or false") }
        return flag
    }

    /// A whole number, at least 1.
    func count() throws(MirrorDocumentError) -> Int {
        guard case .integer(let digits) = value, let count = Int(digits), count > 0 else {
            throw error("expected a whole number, at least 1")
        }
        return count
    }

    /// A number above 0.
    func rate() throws(MirrorDocumentError) -> Double {
        let number: Double? =
            switch value {
            case .integer(let digits): Double(digits)
            case .float(let number): number
            default: nil
            }
        guard let number, number > 0, number.isFinite else { throw error("expected a number above 0") }
        return number
    }

    /// The texts under a key; none where it isn't there.
    func texts(_ key: String) throws(MirrorDocumentError) -> [String] { try child(key)?.texts() ?? [] }

    /// What parses a text; its error is told with the place.
    func parsed<Value, Failure: Error>(
        _ parse: (String) throws(Failure) -> Value
    ) throws(MirrorDocumentError) -> Value {
        let text = try text()
        do {
            return try parse(text)
        } catch {
            throw self.error("\(error)")
        }
    }
}
