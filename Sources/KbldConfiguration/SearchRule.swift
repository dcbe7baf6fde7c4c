/// Where references are looked for, and how they are replaced.
public struct SearchRule: Sendable, Hashable {
    /// Which keys it is for; nil for any.
    public var keyMatcher: KeyMatcher?
    /// Which values it is for; nil for any.
    public var valueMatcher: ValueMatcher?
    /// Which resources it is for; any of these, all where there is none.
    public var resourceMatchers: [ResourceMatcher]
    /// What stays of all that matches.
    public var exclusions: [SearchExclusion]
    /// What is done with a value that matches, where the rule says it.
    public var updateStrategy: UpdateStrategy?

    /// Which keys a rule is for.
    public enum KeyMatcher: Sendable, Hashable {
        /// The key of this name, anywhere.
        case name(String)
        /// The place that is reached from the document's root in these steps.
        case path([PathPart])
        /// The image of a Kubernetes volume, wherever pods are described: `volumes[].image.reference`. Documents can't ask
        /// for it.
        case imageVolume
    }

    /// A step of a path.
    public enum PathPart: Sendable, Hashable {
        /// To the value of a map's key.
        case key(String)
        /// To one entry of a list, counted from 0.
        case index(Int)
        /// To every entry of a list.
        case allIndexes
    }

    /// Which values a rule is for.
    public enum ValueMatcher: Sendable, Hashable {
        /// This text.
        case image(String)
        /// References of this repository, as it is written there.
        case imageRepo(String)
        /// Texts that fit.
        case pattern(TextPattern)
    }

    /// What is done with a value that matches.
    public enum UpdateStrategy: Sendable, Hashable {
        /// It stays.
        case none
        /// All of it is a reference.
        case entireValue
        /// It is JSON text; these rules find references in it.
        case json([SearchRule])
        /// It is YAML text, of one document or several; these rules find references in them.
        case yaml([SearchRule])
    }

    /// Creates a rule.
    public init(
        keyMatcher: KeyMatcher? = nil,
        valueMatcher: ValueMatcher? = nil,
        resourceMatchers: [ResourceMatcher] = [],
        exclusions: [SearchExclusion] = [],
        updateStrategy: UpdateStrategy? = nil
    ) {
        self.keyMatcher = keyMatcher
        self.valueMatcher = valueMatcher
        self.resourceMatchers = resourceMatchers
        self.exclusions = exclusions
        self.updateStrategy = updateStrategy
    }

    /// What is done with a value that matches: all of it is a reference unless the rule says something else.
    public var effectiveStrategy: UpdateStrategy { updateStrategy ?? .entireValue }

    /// The rules that always come last: a value under the key `image` is a reference, and so is a volume's image.
    public static let defaults = [SearchRule(keyMatcher: .name("image")), SearchRule(keyMatcher: .imageVolume)]
}
