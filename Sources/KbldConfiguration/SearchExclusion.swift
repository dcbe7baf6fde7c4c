import KubernetesYAML

/// What a search rule leaves as it is, although it matches.
public enum SearchExclusion: Sendable, Hashable {
    /// References that fit the pattern: `registry.local/*`.
    case image(TextPattern)
    /// The place that is reached from the document's root in these steps, with all that is below it.
    case path([SearchRule.PathPart])
    /// All of these resources.
    case resource(ResourceMatcher)
}

extension SearchExclusion {
    /// Reads `image`, `path` or `resource`.
    init(_ node: ConfigurationNode) throws(ConfigurationError) {
        let given = ["image", "path", "resource"].filter { node.child($0) != nil }
        guard given.count < 2 else { throw node.error(.tooMany(given)) }
        try node.checkOptions(["image", "path", "resource"])
        if let image = try node.string("image") {
            self = .image(TextPattern(image))
        } else if let resource = try node.map("resource") {
            self = .resource(try ResourceMatcher(resource))
        } else {
            var path: [SearchRule.PathPart] = []
            for part in try node.list("path") { path.append(try SearchRule.PathPart(part)) }
            guard !path.isEmpty else { throw node.error(.missing("image, path or resource")) }
            self = .path(path)
        }
    }

    /// The exclusion as in a config document.
    var value: YAMLValue {
        switch self {
        case .image(let pattern): .map(["image": .string(pattern.text)])
        case .path(let path): .map(["path": .list(path.map(\.value))])
        case .resource(let matcher): .map(["resource": matcher.value])
        }
    }
}
