public import KbldConfiguration
public import ManifestYAML

/// Finds references in documents by rules.
///
/// Every value of a map or list is offered to the rules; the first that matches decides. A value that matches isn't
/// searched further, unless there is nothing to replace in it, as in a list under the key `image`.
public struct ReferenceSearch: Sendable {
    let rules: [SearchRule]
    /// Whether it matters where in the document a value is.
    let needsPath: Bool

    /// A search by `rules`, in the order in which they count: `Configuration.rules`.
    public init(rules: [SearchRule]) {
        self.rules = rules
        needsPath = rules.contains { if case .path = $0.keyMatcher { true } else { false } }
    }

    /// The references in `value`, each as often as it is there: lists in their order, maps in the order of their keys.
    public func collect(in value: YAMLValue) -> [String] {
        var place = Place(search: self)
        var found: [String] = []
        collect(in: value, at: &place, into: &found)
        return found
    }

    /// Replaces every reference in `value`.
    ///
    /// Texts that a rule reads as JSON or YAML are written anew even if there is no reference in them; what isn't valid
    /// stays as it is.
    ///
    /// - Parameter replacement: What takes the place of a reference.
    /// - Throws: What `replacement` throws.
    public func replace<Failure: Error>(
        in value: YAMLValue,
        _ replacement: (String) throws(Failure) -> String
    ) throws(Failure) -> YAMLValue {
        var place = Place(search: self)
        return try replaced(value, at: &place, replacement) ?? value
    }

    /// What is done with the text at `place`, where a rule matches it.
    func strategy(for text: String, at place: Place) -> SearchRule.UpdateStrategy? {
        rules.first { place.matches($0.keyMatcher) && ($0.valueMatcher?.matches(text) ?? true) }?.effectiveStrategy
    }
}

/// Where in a document the search is.
struct Place {
    /// The key whose value this is; nil in a list.
    var key: String?
    /// The way here, kept only for rules that ask for it.
    private var path: [Step] = []
    private let needsPath: Bool

    enum Step {
        case key(String)
        case index(Int)
    }

    init(search: ReferenceSearch) { needsPath = search.needsPath }

    mutating func enter(key: String) {
        self.key = key
        if needsPath { path.append(.key(key)) }
    }

    mutating func enter(index: Int) {
        key = nil
        if needsPath { path.append(.index(index)) }
    }

    mutating func leave() {
        if needsPath { path.removeLast() }
    }

    func matches(_ matcher: SearchRule.KeyMatcher?) -> Bool {
        switch matcher {
        case nil: true
        case .name(let name): name == key
        case .path(let parts): parts.count == path.count && zip(parts, path).allSatisfy(Self.matches)
        }
    }

    private static func matches(_ part: SearchRule.PathPart, _ step: Step) -> Bool {
        switch (part, step) {
        case (.key(let wanted), .key(let key)): wanted == key
        case (.index(let wanted), .index(let index)): wanted == index
        case (.allIndexes, .index): true
        default: false
        }
    }
}

extension SearchRule.ValueMatcher {
    /// Whether this is for `text`.
    func matches(_ text: String) -> Bool {
        switch self {
        case .image(let image): text == image
        case .imageRepo(let repository): text.hasPrefix(repository) && ImageMatcher.repository(of: text) == repository
        }
    }
}
