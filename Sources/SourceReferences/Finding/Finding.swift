import KubernetesYAML

/// What a finder says of a value of YAML.
struct Finding {
    /// How the reference is written.
    enum Form {
        /// The value is one, after this text.
        case text(prefix: String)
        /// The value is a text in which references are: these.
        case nested([String])
        /// An entry of a kustomization's images.
        case kustomize
        /// A map of a chart's values, whose repository has this key.
        case helm(repositoryKey: String)
    }

    let cursor: YAMLCursor
    let place: String
    let form: Form

    init(_ cursor: YAMLCursor, place: String? = nil, _ form: Form = .text(prefix: "")) {
        self.cursor = cursor
        self.place = place ?? cursor.path
        self.form = form
    }
}

extension [Finding] {
    /// Adds the value, where it is text.
    mutating func add(_ cursor: YAMLCursor?) {
        guard let cursor, cursor.stringValue != nil else { return }
        append(Finding(cursor))
    }

    /// Adds what follows `docker://` in a value, where it does.
    mutating func addDocker(_ cursor: YAMLCursor?) {
        guard let cursor, cursor.stringValue?.hasPrefix("docker://") == true else { return }
        append(Finding(cursor, .text(prefix: "docker://")))
    }

    /// Adds a text, or the `name` of a map.
    mutating func addNamed(_ cursor: YAMLCursor?, key: String) {
        guard let cursor else { return }
        if cursor.isMap { add(cursor[key]) } else { add(cursor) }
    }
}
