import ContainerImage
import KubernetesYAML

/// A value of a config document with its path, so that errors can name it.
///
/// Field names are matched without regard to case where there is no exact match, null is as good as nothing, and
/// numbers and booleans are taken as texts where a text is wanted: so do Go's YAML libraries.
struct ConfigurationNode {
    let value: YAMLValue
    let path: String
    let document: YAMLDocument

    init(_ document: YAMLDocument) {
        value = document.value
        path = ""
        self.document = document
    }

    private init(_ value: YAMLValue, path: String, document: YAMLDocument) {
        self.value = value
        self.path = path
        self.document = document
    }

    /// An error about this value.
    func error(_ reason: ConfigurationError.Reason) -> ConfigurationError {
        var reason = reason
        if case .missing(let name) = reason,
            let found = Spelling.nearest(to: name, among: value.mapValue?.keys.sorted() ?? [])
        {
            reason = .misspelt(found, meant: name)
        }
        return ConfigurationError(
            file: document.file,
            document: document.index,
            line: document.line,
            kind: document.value["kind"]?.stringValue ?? "",
            field: path,
            reason: reason
        )
    }

    /// The value under `key`, unless it is null or not there.
    func child(_ key: String) -> ConfigurationNode? {
        guard let map = value.mapValue else { return nil }
        var found = map[key]
        if found == nil {
            let similar = map.keys.filter { $0.lowercased() == key.lowercased() }
            found = similar.min().flatMap { map[$0] }
        }
        guard let found, found != .null else { return nil }
        return ConfigurationNode(found, path: path.isEmpty ? key : "\(path).\(key)", document: document)
    }

    /// The map under `key`.
    func map(_ key: String) throws(ConfigurationError) -> ConfigurationNode? {
        guard let child = child(key) else { return nil }
        guard child.value.mapValue != nil else { throw child.error(.wrongType(expected: "a map")) }
        return child
    }

    /// The entries of the list under `key`; none where it isn't there.
    func list(_ key: String) throws(ConfigurationError) -> [ConfigurationNode] {
        guard let child = child(key) else { return [] }
        guard let list = child.value.listValue else { throw child.error(.wrongType(expected: "a list")) }
        return list.enumerated().map { index, entry in
            ConfigurationNode(entry, path: "\(child.path)[\(index)]", document: document)
        }
    }

    /// The maps of the list under `key`.
    func maps(_ key: String) throws(ConfigurationError) -> [ConfigurationNode] {
        let nodes = try list(key)
        for node in nodes where node.value.mapValue == nil { throw node.error(.wrongType(expected: "a map")) }
        return nodes
    }

    /// The text under `key`, or else under `alias`; nil if it isn't there or empty.
    func string(_ key: String, or alias: String? = nil) throws(ConfigurationError) -> String? {
        if let text = try child(key)?.text(), !text.isEmpty { return text }
        guard let alias else { return nil }
        return try string(alias)
    }

    /// The texts under `key`.
    func strings(_ key: String) throws(ConfigurationError) -> [String] {
        var texts: [String] = []
        for node in try list(key) { texts.append(try node.text()) }
        return texts
    }

    /// The boolean under `key`.
    func flag(_ key: String) throws(ConfigurationError) -> Bool? {
        guard let child = child(key) else { return nil }
        guard let flag = child.value.boolValue else { throw child.error(.wrongType(expected: "true or false")) }
        return flag
    }

    /// This value as a text.
    func text() throws(ConfigurationError) -> String {
        switch value {
        case .string(let text), .integer(let text): return text
        case .bool(let flag): return String(flag)
        case .float(let number):
            let text = String(number)
            return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
        case .null: return ""
        case .list, .map: throw error(.wrongType(expected: "a text"))
        }
    }

    /// Makes sure that there are no fields other than `known`.
    func checkOptions(_ known: [String]) throws(ConfigurationError) {
        let lowercased = Set(known.map { $0.lowercased() })
        let keys = value.mapValue.map { $0.keys.sorted() } ?? []
        if let unknown = keys.first(where: { !lowercased.contains($0.lowercased()) }) {
            throw error(.unknownOption(unknown, known: known))
        }
    }
}
