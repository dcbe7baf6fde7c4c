import KubernetesYAML

/// A value of a policy with its place, so that errors can name it. Unlike in config documents, nothing unknown is passed
/// over: it might be what makes the policy stricter.
struct PolicyNode {
    let value: YAMLValue
    let field: String
    let path: String

    func error(_ reason: String) -> PolicyError { PolicyError(path, field, reason) }

    func object(knowing known: [String]) throws(PolicyError) -> YAMLMap {
        guard let map = value.mapValue else { throw error("expected an object") }
        if let unknown = map.keys.first(where: { !known.contains($0) }) {
            throw error("unknown key '\(unknown)'; known are \(known.joined(separator: ", "))")
        }
        return map
    }

    func child(_ key: String) -> PolicyNode? {
        value[key].map { PolicyNode(value: $0, field: field.isEmpty ? key : "\(field).\(key)", path: path) }
    }

    func entries() throws(PolicyError) -> [PolicyNode] {
        guard let list = value.listValue else { throw error("expected a list") }
        return list.enumerated().map { PolicyNode(value: $1, field: "\(field)[\($0)]", path: path) }
    }

    func text() throws(PolicyError) -> String {
        guard let text = value.stringValue, !text.isEmpty else { throw error("expected a text") }
        return text
    }

    func texts() throws(PolicyError) -> [String] {
        var texts: [String] = []
        for entry in try entries() { texts.append(try entry.text()) }
        guard !texts.isEmpty else { throw error("the list is empty") }
        return texts
    }
}
