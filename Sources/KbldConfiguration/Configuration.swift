import Algorithms

/// What config documents say, all of them together.
public struct Configuration: Sendable, Hashable {
    /// Keys whose values are references, from `keys`.
    public var keys: [String]
    /// Additional search rules, in the order of the documents.
    public var searchRules: [SearchRule]
    /// What takes the place of references; the first that matches counts.
    public var overrides: [ImageOverride]
    /// What images are built from; the first that matches counts.
    public var sources: [BuildSource]
    /// Where built images are pushed; the first that matches counts.
    public var destinations: [BuildDestination]

    /// Places beside the search rules in which images are found.
    public var finders: Set<ImageFinder> = []
    /// Whether what isn't a reference stays where a rule takes it for one, unless an override or a source is for it.
    public var keepsNonReferences = false

    /// Creates a configuration.
    public init(
        keys: [String] = [],
        searchRules: [SearchRule] = [],
        overrides: [ImageOverride] = [],
        sources: [BuildSource] = [],
        destinations: [BuildDestination] = []
    ) {
        self.keys = keys
        self.searchRules = searchRules
        self.overrides = overrides
        self.sources = sources
        self.destinations = destinations
    }

    /// The rules that were given, those of `keys` first, each once: what a lock repeats.
    public var givenRules: [SearchRule] {
        Array((keys.map { SearchRule(keyMatcher: .name($0)) } + searchRules).uniqued())
    }

    /// All rules in the order in which they count: the given ones, then those that always hold.
    public var rules: [SearchRule] { Array((givenRules + SearchRule.defaults).uniqued()) }

    /// Adds what `other` says after what this says.
    public mutating func append(_ other: Configuration) {
        keys += other.keys
        searchRules += other.searchRules
        finders.formUnion(other.finders)
        keepsNonReferences = keepsNonReferences || other.keepsNonReferences
        overrides += other.overrides
        sources += other.sources
        destinations += other.destinations
    }

    /// The override for a reference as written.
    public func override(for reference: String) -> ImageOverride? {
        overrides.first { $0.matcher.matches(reference) }
    }

    /// The source for a reference as written.
    public func source(for reference: String) -> BuildSource? {
        sources.first { $0.matcher.matches(reference) }
    }

    /// The destination for a reference as written.
    public func destination(for reference: String) -> BuildDestination? {
        destinations.first { $0.matcher.matches(reference) }
    }
}
