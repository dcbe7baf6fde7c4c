public import KubernetesYAML

extension SearchRule {
    /// The rule as in a config document.
    public var value: YAMLValue {
        var fields: [String: YAMLValue] = [:]
        switch keyMatcher {
        case .name(let name): fields["keyMatcher"] = .map(["name": .string(name)])
        case .path(let path): fields["keyMatcher"] = .map(["path": .list(path.map(\.value))])
        case .imageVolume, nil: break
        }
        switch valueMatcher {
        case .image(let image): fields["valueMatcher"] = .map(["image": .string(image)])
        case .imageRepo(let repository): fields["valueMatcher"] = .map(["imageRepo": .string(repository)])
        case .pattern(let pattern): fields["valueMatcher"] = .map(["pattern": .string(pattern.text)])
        case nil: break
        }
        if !resourceMatchers.isEmpty { fields["resourceMatchers"] = .list(resourceMatchers.map(\.value)) }
        if !exclusions.isEmpty { fields["exclude"] = .list(exclusions.map(\.value)) }
        if let updateStrategy { fields["updateStrategy"] = updateStrategy.value }
        return .map(fields)
    }

    /// Reads a rule that must have a matcher, as rules of a document must.
    init(_ node: ConfigurationNode) throws(ConfigurationError) {
        try self.init(nested: node)
        guard keyMatcher != nil || valueMatcher != nil else { throw node.error(.missing("keyMatcher or valueMatcher")) }
    }

    /// Reads a rule of a strategy, which matches everything when it has no matcher.
    private init(nested node: ConfigurationNode) throws(ConfigurationError) {
        var resources: [ResourceMatcher] = []
        for matcher in try node.maps("resourceMatchers") { resources.append(try ResourceMatcher(matcher)) }
        var exclusions: [SearchExclusion] = []
        for exclusion in try node.maps("exclude") { exclusions.append(try SearchExclusion(exclusion)) }
        self.init(
            keyMatcher: try node.map("keyMatcher").map { matcher throws(ConfigurationError) in try .init(matcher) },
            valueMatcher: try node.map("valueMatcher").map { matcher throws(ConfigurationError) in try .init(matcher) },
            resourceMatchers: resources,
            exclusions: exclusions,
            updateStrategy: try node.map("updateStrategy").map { strategy throws(ConfigurationError) in
                try .init(strategy)
            }
        )
    }

    fileprivate static func nested(in strategy: ConfigurationNode) throws(ConfigurationError) -> [SearchRule] {
        guard strategy.value.mapValue != nil else { throw strategy.error(.wrongType(expected: "a map")) }
        var rules: [SearchRule] = []
        for node in try strategy.maps("searchRules") { rules.append(try SearchRule(nested: node)) }
        return rules
    }
}

extension SearchRule.KeyMatcher {
    init(_ node: ConfigurationNode) throws(ConfigurationError) {
        if let name = try node.string("name") {
            self = .name(name)
            return
        }
        var path: [SearchRule.PathPart] = []
        for part in try node.list("path") { path.append(try SearchRule.PathPart(part)) }
        guard !path.isEmpty else { throw node.error(.missing("name or path")) }
        self = .path(path)
    }
}

extension SearchRule.PathPart {
    var value: YAMLValue {
        switch self {
        case .key(let key): .string(key)
        case .index(let index): .map(["index": .integer(String(index))])
        case .allIndexes: .map(["allIndexes": .bool(true)])
        }
    }

    init(_ node: ConfigurationNode) throws(ConfigurationError) {
        if let key = node.value.stringValue {
            self = .key(key)
        } else if let index = node.child("index") {
            guard case .integer(let text) = index.value, let number = Int(text), number >= 0 else {
                throw index.error(.wrongType(expected: "a position in a list, counted from 0"))
            }
            self = .index(number)
        } else if try node.flag("allIndexes") == true {
            self = .allIndexes
        } else {
            throw node.error(.wrongType(expected: "a key, {index: NUMBER} or {allIndexes: true}"))
        }
    }
}

extension SearchRule.ValueMatcher {
    init(_ node: ConfigurationNode) throws(ConfigurationError) {
        if let pattern = try node.string("pattern") {
            self = .pattern(TextPattern(pattern))
            return
        }
        switch try ImageMatcher(node) {
        case .image(let image): self = .image(image)
        case .imageRepo(let repository): self = .imageRepo(repository)
        }
    }
}

extension SearchRule.UpdateStrategy {
    fileprivate var value: YAMLValue {
        func nested(_ rules: [SearchRule]) -> YAMLValue {
            .map(rules.isEmpty ? [:] : ["searchRules": .list(rules.map(\.value))])
        }
        return switch self {
        case .none: .map(["none": .map([:])])
        case .entireValue: .map(["entireValue": .map([:])])
        case .json(let rules): .map(["json": nested(rules)])
        case .yaml(let rules): .map(["yaml": nested(rules)])
        }
    }

    init(_ node: ConfigurationNode) throws(ConfigurationError) {
        if node.child("none") != nil {
            self = .none
        } else if node.child("entireValue") != nil {
            self = .entireValue
        } else if let json = node.child("json") {
            self = .json(try SearchRule.nested(in: json))
        } else if let yaml = node.child("yaml") {
            self = .yaml(try SearchRule.nested(in: yaml))
        } else {
            throw node.error(.missing("none, entireValue, json or yaml"))
        }
    }
}
