import KbldConfiguration
import ManifestYAML

/// Documents that stand in a string of another document.
enum NestedText {
    case json(YAMLValue)
    case yaml([YAMLValue])

    /// Reads JSON; nil for anything else.
    init?(json text: String) {
        guard let value = JSONReader.value(of: text) else { return nil }
        self = .json(value)
    }

    /// Reads YAML documents, or JSON, which stays JSON; nil for anything else and where there is no document.
    init?(yaml text: String) {
        if let value = JSONReader.value(of: text) {
            self = .json(value)
            return
        }
        do {
            let values = try YAMLReader.values(in: text, file: "").filter { $0 != .null }
            guard !values.isEmpty else { return nil }
            self = .yaml(values)
        } catch {
            return nil
        }
    }

    func collect(with search: ReferenceSearch) -> [String] {
        switch self {
        case .json(let value): search.collect(in: value)
        case .yaml(let values): values.flatMap(search.collect)
        }
    }

    /// The text with its references replaced: JSON without white space, YAML with `---` before every document.
    func replace<Failure: Error>(
        with search: ReferenceSearch,
        _ replacement: (String) throws(Failure) -> String
    ) throws(Failure) -> String {
        switch self {
        case .json(let value): return JSONWriter.compactText(of: try search.replace(in: value, replacement))
        case .yaml(let values):
            var replaced: [YAMLValue] = []
            for value in values { replaced.append(try search.replace(in: value, replacement)) }
            return replaced.map { "---\n" + YAMLWriter.text(of: $0) }.joined()
        }
    }
}
