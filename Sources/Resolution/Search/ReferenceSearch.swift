public import KbldConfiguration
public import KubernetesYAML

/// Finds references in documents by rules.
///
/// Every value of a map or list is offered to the rules; the first that matches decides. A value that matches isn't
/// searched further, unless there is nothing to replace in it, as in a list under the key `image`.
public struct ReferenceSearch: Sendable {
    let rules: [SearchRule]
    /// Whether it matters where in the document a value is.
    let needsPath: Bool
    /// Where references are found beside the rules.
    let finders: Set<ImageFinder>
    /// Whether there are rules for some resources alone.
    private let isForSomeResources: Bool
    /// How many texts this is inside of.
    var depth = 0

    /// Creates a search by `rules`, in order of precedence: `Configuration.rules`. What `finders` find comes after them.
    public init(rules: [SearchRule], finders: Set<ImageFinder> = []) {
        self.rules = rules
        self.finders = finders
        isForSomeResources = rules.contains { rule in
            !rule.resourceMatchers.isEmpty
                || rule.exclusions.contains { if case .resource = $0 { true } else { false } }
        }
        needsPath = rules.contains { rule in
            if case .path = rule.keyMatcher { return true }
            return rule.exclusions.contains { if case .path = $0 { true } else { false } }
        }
    }

    /// The search whose rules are for `resource`.
    private func narrowed(to resource: YAMLValue) -> ReferenceSearch {
        guard isForSomeResources else { return self }
        let fitting = rules.compactMap { rule -> SearchRule? in
            guard rule.resourceMatchers.isEmpty || rule.resourceMatchers.contains(where: { $0.matches(resource) })
            else {
                return nil
            }
            var rule = rule
            rule.resourceMatchers = []
            let isExcluded = rule.exclusions.contains {
                if case .resource(let matcher) = $0 { matcher.matches(resource) } else { false }
            }
            if isExcluded { rule.updateStrategy = SearchRule.UpdateStrategy.none }
            rule.exclusions.removeAll { if case .resource = $0 { true } else { false } }
            return rule
        }
        var search = ReferenceSearch(rules: fitting, finders: finders)
        search.depth = depth
        return search
    }

    /// The references in `value`, each as often as it is there: lists in their order, maps in the order of their keys.
    public func collect(in value: YAMLValue) -> [String] {
        let search = narrowed(to: value)
        var place = Place(search: search)
        var found: [String] = []
        guard finders.isEmpty else {
            _ = search.replaced(value, at: &place) { reference in
                found.append(reference)
                return nil
            }
            return found
        }
        search.collect(in: value, at: &place, into: &found)
        return found
    }

    /// Replaces every reference in `value`.
    ///
    /// Texts that a rule reads as JSON are written anew even if there is no reference in them; those that one reads as
    /// YAML stay as they are then, for they may be something else. What isn't valid stays as well.
    ///
    /// - Parameter replacement: What takes the place of a reference; nil where it stays.
    /// - Throws: What `replacement` throws.
    public func replace<Failure: Error>(
        in value: YAMLValue,
        _ replacement: (String) throws(Failure) -> String?
    ) throws(Failure) -> YAMLValue {
        let search = narrowed(to: value)
        var place = Place(search: search)
        return try search.replaced(value, at: &place, replacement) ?? value
    }

    /// What is done with the text at `place`, where a rule matches it.
    func strategy(for text: String, at place: Place) -> SearchRule.UpdateStrategy? {
        let rule = rules.first { place.matches($0.keyMatcher) && ($0.valueMatcher?.matches(text) ?? true) }
        guard let rule else { return nil }
        guard rule.exclusions.isEmpty || !rule.exclusions.contains(where: { place.isExcluded(by: $0, text) }) else {
            return SearchRule.UpdateStrategy.none
        }
        return rule.effectiveStrategy
    }

    /// The search in a text of YAML or JSON that finders came upon: rules that count from the root aren't for it.
    var nested: ReferenceSearch? {
        guard depth < Self.depthLimit else { return nil }
        var search = ReferenceSearch(
            rules: rules.filter { if case .path = $0.keyMatcher { false } else { true } },
            finders: finders
        )
        search.depth = depth + 1
        return search
    }

    private static let depthLimit = 4
}

/// Where in a document the search is.
struct Place {
    /// The key whose value this is; nil in a list.
    var key: String?
    /// How far on the way to the image of a volume this is.
    private var volumeStep = VolumeStep.none
    /// The way here, kept only for rules that ask for it.
    private var path: [Step] = []
    private let needsPath: Bool
    /// What finders know of this place.
    var surroundings = Surroundings()

    enum Step {
        case key(String)
        case index(Int)
    }

    /// A step of `volumes[].image.reference`.
    enum VolumeStep {
        case none, volumes, volume, image, reference
    }

    init(search: ReferenceSearch) { needsPath = search.needsPath }

    /// Goes to the value of a key. What comes back is for `leave`.
    mutating func enter(key: String) -> VolumeStep {
        let outer = volumeStep
        self.key = key
        volumeStep =
            switch outer {
            case .volume where key == "image": .image
            case .image where key == "reference": .reference
            // The length decides for most keys.
            default: key.utf8.count == 7 && key == "volumes" ? .volumes : .none
            }
        if needsPath { path.append(.key(key)) }
        return outer
    }

    /// Goes to an entry of a list. What comes back is for `leave`.
    mutating func enter(index: Int) -> VolumeStep {
        let outer = volumeStep
        key = nil
        volumeStep = outer == .volumes ? .volume : .none
        if needsPath { path.append(.index(index)) }
        return outer
    }

    mutating func leave(to outer: VolumeStep) {
        volumeStep = outer
        if needsPath { path.removeLast() }
    }

    func matches(_ matcher: SearchRule.KeyMatcher?) -> Bool {
        switch matcher {
        case nil: true
        case .name(let name): name == key
        case .imageVolume: volumeStep == .reference
        case .path(let parts): parts.count == path.count && zip(parts, path).allSatisfy(Self.matches)
        }
    }

    /// Whether the text here stays, although a rule matches it.
    func isExcluded(by exclusion: SearchExclusion, _ text: String) -> Bool {
        switch exclusion {
        case .image(let pattern): pattern.matches(text)
        case .path(let parts): parts.count <= path.count && zip(parts, path).allSatisfy(Self.matches)
        case .resource: false
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
        case .pattern(let pattern): pattern.matches(text)
        case .imageRepo(let repository): text.hasPrefix(repository) && ImageMatcher.repository(of: text) == repository
        }
    }
}
