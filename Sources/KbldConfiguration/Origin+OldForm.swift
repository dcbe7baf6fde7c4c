public import KubernetesYAML

extension Origin {
    /// Reads an entry of a `Metas` list, as versions of the original before 0.31 wrote it: the kind under `Type`, and the
    /// fields beside it. What isn't known is `.other`.
    public init(oldForm value: YAMLValue) {
        func texts(_ key: String) -> [String] { value[key]?.listValue?.compactMap(\.stringValue) ?? [] }
        let (url, path, sha) = (value["URL"]?.stringValue, value["Path"]?.stringValue, value["SHA"]?.stringValue)
        switch (value["Type"]?.stringValue, url ?? path ?? sha) {
        case ("resolved", let url?): self = .resolved(url: url, tag: value["Tag"]?.stringValue)
        case ("preresolved", let url?): self = .preresolved(url: url)
        case ("local", let path?): self = .local(path: path)
        case ("tagged", _): self = .tagged(texts("Tags"))
        case ("git", let sha?):
            self = .git(
                remoteURL: value["RemoteURL"]?.stringValue ?? "",
                sha: sha,
                dirty: value["Dirty"]?.boolValue ?? false,
                tags: texts("Tags")
            )
        default: self = .other(value)
        }
    }
}
