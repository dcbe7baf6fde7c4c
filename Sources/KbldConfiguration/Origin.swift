public import ContainerImage
public import KubernetesYAML

/// One step on the way from a reference to an image, as annotations and locks tell it.
public enum Origin: Sendable, Hashable {
    /// Built from a git repository.
    case git(remoteURL: String, sha: String, dirty: Bool, tags: [String])
    /// Built from a folder.
    case local(path: String)
    /// A tag was looked up; the tag is nil if it isn't known.
    case resolved(url: String, tag: String?)
    /// Tags were put on it after the build.
    case tagged([String])
    /// An override or lock gave it.
    case preresolved(url: String)
    /// Chosen from an index by platform.
    case platformSelected(index: String, Platform)
    /// Something that a later version wrote: kept as it is.
    case other(YAMLValue)
}

extension Origin {
    /// Reads an entry of an `origins` list; what isn't known is `.other`.
    public init(_ value: YAMLValue) {
        func text(_ map: YAMLValue, _ key: String) -> String? { map[key]?.stringValue }
        func texts(_ map: YAMLValue, _ key: String) -> [String] { map[key]?.listValue?.compactMap(\.stringValue) ?? [] }
        self = .other(value)
        guard let entry = value.mapValue, entry.count == 1, let (kind, content) = entry.first else { return }
        switch kind {
        case "git":
            guard let sha = text(content, "sha") else { return }
            self = .git(
                remoteURL: text(content, "remoteURL") ?? "",
                sha: sha,
                dirty: content["dirty"]?.boolValue ?? false,
                tags: texts(content, "tags")
            )
        case "local": if let path = text(content, "path") { self = .local(path: path) }
        case "resolved":
            if let url = text(content, "url") { self = .resolved(url: url, tag: text(content, "tag")) }
        case "tagged": self = .tagged(texts(content, "tags"))
        case "preresolved": if let url = text(content, "url") { self = .preresolved(url: url) }
        case "platformSelected":
            let platform = Platform(
                os: text(content, "os") ?? "",
                architecture: text(content, "architecture") ?? "",
                variant: text(content, "variant")
            )
            self = .platformSelected(index: text(content, "index") ?? "", platform)
        default: break
        }
    }

    /// The entry of an `origins` list.
    public var value: YAMLValue {
        func filled(_ fields: [(String, String?)]) -> [String: YAMLValue] {
            Dictionary(
                uniqueKeysWithValues: fields.compactMap { key, text in
                    text.flatMap { $0.isEmpty ? nil : (key, YAMLValue.string($0)) }
                }
            )
        }
        switch self {
        case .git(let remoteURL, let sha, let dirty, let tags):
            var fields: [String: YAMLValue] = [
                "remoteURL": .string(remoteURL), "sha": .string(sha), "dirty": .bool(dirty),
            ]
            if !tags.isEmpty { fields["tags"] = .list(tags.map(YAMLValue.string)) }
            return .map(["git": .map(fields)])
        case .local(let path): return .map(["local": .map(["path": .string(path)])])
        case .resolved(let url, let tag):
            let fields = filled([("tag", tag)]).merging(["url": .string(url)]) { first, _ in first }
            return .map(["resolved": .map(fields)])
        case .tagged(let tags): return .map(["tagged": .map(["tags": .list(tags.map(YAMLValue.string))])])
        case .preresolved(let url): return .map(["preresolved": .map(["url": .string(url)])])
        case .platformSelected(let index, let platform):
            let fields = filled([
                ("index", index), ("os", platform.os), ("architecture", platform.architecture),
                ("variant", platform.variant),
            ])
            return .map(["platformSelected": .map(fields)])
        case .other(let value): return value
        }
    }
}
