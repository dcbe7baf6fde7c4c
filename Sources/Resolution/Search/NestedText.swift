import KbldConfiguration
import KubernetesYAML

/// Documents in a string of another document.
enum NestedText {
    case json(YAMLValue)
    case jsonTexts([YAMLValue])
    case yaml([YAMLValue])

    /// Reads JSON; nil for anything else.
    init?(json text: String) {
        guard let value = JSONReader.value(of: text) else { return nil }
        self = .json(value)
    }

    /// Reads YAML documents, or JSON, which stays JSON; nil for anything else and where there is no document.
    init?(yaml text: String) {
        if let values = JSONReader.values(of: text) {
            self = values.count == 1 ? .json(values[0]) : .jsonTexts(values)
            return
        }
        guard !Self.hasFalseMarker(text) else { return nil }
        do {
            let values = try YAMLReader.values(in: text, file: "").filter { $0 != .null }
            guard !values.isEmpty else { return nil }
            self = .yaml(values)
        } catch {
            return nil
        }
    }

    /// Whether a line begins as a document's marker does and goes on: certificates and keys have such lines.
    private static func hasFalseMarker(_ text: String) -> Bool {
        text.utf8.split(separator: UInt8(ascii: "\n")).contains { line in
            guard line.starts(with: "---".utf8), let next = line.dropFirst(3).first else { return false }
            return next != UInt8(ascii: " ") && next != UInt8(ascii: "\t") && next != UInt8(ascii: "\r")
        }
    }

    /// The documents.
    var values: [YAMLValue] {
        switch self {
        case .json(let value): [value]
        case .jsonTexts(let values), .yaml(let values): values
        }
    }

    func collect(with search: ReferenceSearch) -> [String] {
        switch self {
        case .json(let value): search.collect(in: value)
        case .jsonTexts(let values), .yaml(let values): values.flatMap(search.collect)
        }
    }

    /// The text with its references replaced: JSON without white space, of several texts each on a line; YAML with `---`
    /// before every document.
    func replace<Failure: Error>(
        with search: ReferenceSearch,
        _ replacement: (String) throws(Failure) -> String?
    ) throws(Failure) -> String {
        switch self {
        case .json(let value): return JSONWriter.compactText(of: try search.replace(in: value, replacement))
        case .jsonTexts(let values):
            var lines = ""
            for value in values {
                lines += JSONWriter.compactText(of: try search.replace(in: value, replacement)) + "\n"
            }
            return lines
        case .yaml(let values):
            var replaced: [YAMLValue] = []
            for value in values { replaced.append(try search.replace(in: value, replacement)) }
            return replaced.map { "---\n" + YAMLWriter.text(of: $0) }.joined()
        }
    }
}
