public import KubernetesYAML

/// Which resources a search rule is for, written as kapp's matchers are.
public indirect enum ResourceMatcher: Sendable, Hashable {
    /// Every resource.
    case all
    /// What one of these is for.
    case any([ResourceMatcher])
    /// What all of these are for.
    case and([ResourceMatcher])
    /// What this isn't for.
    case not(ResourceMatcher)
    /// What has all of these fields; nil where a field doesn't matter.
    case fields(Fields)

    /// The fields that tell resources apart.
    public struct Fields: Sendable, Hashable {
        /// The group and version: `apps/v1`.
        public var apiVersion: String?
        /// The group alone: `apps`, empty for the core group.
        public var apiGroup: String?
        /// The kind.
        public var kind: String?
        /// The name; `*` in it is any text.
        public var name: String?
        /// The namespaces of which one is meant; `*` in them is any text.
        public var namespaces: [String]?

        /// Creates fields.
        public init(
            apiVersion: String? = nil,
            apiGroup: String? = nil,
            kind: String? = nil,
            name: String? = nil,
            namespaces: [String]? = nil
        ) {
            self.apiVersion = apiVersion
            self.apiGroup = apiGroup
            self.kind = kind
            self.name = name
            self.namespaces = namespaces
        }
    }

    /// Whether `resource` is meant.
    public func matches(_ resource: YAMLValue) -> Bool {
        switch self {
        case .all: true
        case .any(let matchers): matchers.contains { $0.matches(resource) }
        case .and(let matchers): matchers.allSatisfy { $0.matches(resource) }
        case .not(let matcher): !matcher.matches(resource)
        case .fields(let fields): fields.matches(resource)
        }
    }
}

extension ResourceMatcher.Fields {
    fileprivate func matches(_ resource: YAMLValue) -> Bool {
        let version = resource["apiVersion"]?.stringValue ?? ""
        if let apiVersion, apiVersion != version { return false }
        if let apiGroup {
            let group = version.contains("/") ? String(version.prefix { $0 != "/" }) : ""
            guard apiGroup == group else { return false }
        }
        if let kind, resource["kind"]?.stringValue != kind { return false }
        let metadata = resource["metadata"]
        if let name, !TextPattern(name).matches(metadata?["name"]?.stringValue ?? "") { return false }
        guard let namespaces else { return true }
        let namespace = metadata?["namespace"]?.stringValue ?? ""
        return namespaces.contains { TextPattern($0).matches(namespace) }
    }
}

extension ResourceMatcher {
    private static let known = [
        "allMatcher", "anyMatcher", "andMatcher", "notMatcher", "apiVersionKindMatcher", "apiGroupKindMatcher",
        "kindNamespaceNameMatcher", "hasNamespaceMatcher", "any", "all", "not", "apiVersion", "apiGroup", "kind",
        "name",
        "namespace",
    ]

    /// Reads a matcher: one of kapp's, `any`, `all` or `not`, or the fields themselves.
    init(_ node: ConfigurationNode) throws(ConfigurationError) {
        guard node.value.mapValue?.isEmpty == false else { throw node.error(.wrongType(expected: "a matcher")) }
        try node.checkOptions(Self.known)
        var parts: [ResourceMatcher] = []
        if node.child("allMatcher") != nil { parts.append(.all) }
        if let any = try node.map("anyMatcher") { parts.append(.any(try Self.list(any, "matchers"))) }
        if let and = try node.map("andMatcher") { parts.append(.and(try Self.list(and, "matchers"))) }
        if node.child("any") != nil { parts.append(.any(try Self.list(node, "any"))) }
        if node.child("all") != nil { parts.append(.and(try Self.list(node, "all"))) }
        if let not = try node.map("notMatcher") {
            guard let inner = try not.map("matcher") else { throw not.error(.missing("matcher")) }
            parts.append(.not(try ResourceMatcher(inner)))
        }
        if let not = try node.map("not") { parts.append(.not(try ResourceMatcher(not))) }
        for name in ["apiVersionKindMatcher", "apiGroupKindMatcher", "kindNamespaceNameMatcher"] {
            if let matcher = try node.map(name) { parts.append(.fields(try Fields(matcher))) }
        }
        if let matcher = try node.map("hasNamespaceMatcher") {
            let names = try matcher.strings("names")
            parts.append(.fields(Fields(namespaces: names.isEmpty ? ["?*"] : names)))
        }
        let own = try Fields(node)
        if own != Fields() { parts.append(.fields(own)) }
        self = parts.count == 1 ? parts[0] : .and(parts)
    }

    private static func list(
        _ node: ConfigurationNode,
        _ key: String
    ) throws(ConfigurationError) -> [ResourceMatcher] {
        var matchers: [ResourceMatcher] = []
        for inner in try node.maps(key) { matchers.append(try ResourceMatcher(inner)) }
        guard !matchers.isEmpty else { throw node.error(.missing(key)) }
        return matchers
    }

    /// The matcher as in a config document.
    var value: YAMLValue {
        switch self {
        case .all: ["allMatcher": .map([:])]
        case .any(let matchers): .map(["any": .list(matchers.map(\.value))])
        case .and(let matchers): .map(["all": .list(matchers.map(\.value))])
        case .not(let matcher): .map(["not": matcher.value])
        case .fields(let fields): fields.value
        }
    }
}

extension ResourceMatcher.Fields {
    fileprivate init(_ node: ConfigurationNode) throws(ConfigurationError) {
        self.init(
            apiVersion: try node.string("apiVersion"),
            apiGroup: try node.child("apiGroup")?.text(),
            kind: try node.string("kind"),
            name: try node.string("name"),
            namespaces: try node.string("namespace").map { [$0] }
        )
    }

    fileprivate var value: YAMLValue {
        var own: [String: YAMLValue] = [:]
        for (key, text) in [("apiVersion", apiVersion), ("apiGroup", apiGroup), ("kind", kind), ("name", name)] {
            if let text { own[key] = .string(text) }
        }
        guard let namespaces else { return .map(own) }
        if namespaces.count == 1 {
            own["namespace"] = .string(namespaces[0])
        } else {
            own["hasNamespaceMatcher"] = .map(["names": .list(namespaces.map(YAMLValue.string))])
        }
        return .map(own)
    }
}
