public import KbldConfiguration
public import KubernetesYAML

/// What looks like an image in a resource, and isn't taken for one.
public struct ReferenceCandidate: Sendable, Hashable {
    /// What would take it.
    public enum Suggestion: Sendable, Hashable {
        /// A finder.
        case finder(ImageFinder)
        /// All finders together, such as one for texts and another for what is in them.
        case allFinders
        /// A search rule.
        case rule(SearchRule)
    }

    /// The reference.
    public let reference: String
    /// The way to its value from the document's root.
    public let path: [SearchRule.PathPart]
    /// What would take it.
    public let suggestion: Suggestion
}

/// Looks for what other finders, or other rules, would find.
public struct CandidateSearch: Sendable {
    private let rules: [SearchRule]
    private let finders: Set<ImageFinder>

    /// Creates a search for what the rules and finders of `configuration` leave.
    public init(_ configuration: Configuration) {
        // What a rule says to leave isn't overlooked.
        rules = configuration.rules.map { rule in
            var rule = rule
            if case .some(.none) = rule.updateStrategy { rule.updateStrategy = .entireValue }
            rule.exclusions = []
            return rule
        }
        finders = configuration.finders
    }

    /// The candidates in `resource`, in the order of its values.
    public func candidates(in resource: YAMLValue) -> [ReferenceCandidate] {
        let taken = Set(places(in: resource, finders).map(\.path))
        var found: [[SearchRule.PathPart]: [ReferenceCandidate]] = [:]
        for finder in ImageFinder.allCases where !finders.contains(finder) {
            for place in places(in: resource, finders.union([finder]))
            where !taken.contains(place.path) && found[place.path] == nil {
                found[place.path] = place.references.map {
                    ReferenceCandidate(reference: $0, path: place.path, suggestion: .finder(finder))
                }
            }
        }
        for place in places(in: resource, Set(ImageFinder.allCases))
        where !taken.contains(place.path) && found[place.path] == nil {
            found[place.path] = place.references.map {
                ReferenceCandidate(reference: $0, path: place.path, suggestion: .allFinders)
            }
        }
        var candidates: [ReferenceCandidate] = []
        var path: [SearchRule.PathPart] = []
        walk(resource, &path, taken, found, into: &candidates)
        return candidates
    }

    private func walk(
        _ value: YAMLValue,
        _ path: inout [SearchRule.PathPart],
        _ taken: Set<[SearchRule.PathPart]>,
        _ found: [[SearchRule.PathPart]: [ReferenceCandidate]],
        into candidates: inout [ReferenceCandidate]
    ) {
        switch value {
        case .map(let map):
            for (key, child) in map {
                path.append(.key(key))
                walk(child, &path, taken, found, into: &candidates)
                path.removeLast()
            }
        case .list(let list):
            for (index, child) in list.enumerated() {
                path.append(.index(index))
                walk(child, &path, taken, found, into: &candidates)
                path.removeLast()
            }
        case .string(let text):
            if let known = found[path] {
                candidates += known
            } else if !taken.contains(path), ReferenceShape.isExplicit(text), !Self.isRecord(path) {
                candidates.append(
                    ReferenceCandidate(reference: text, path: path, suggestion: .rule(Self.rule(for: path)))
                )
            }
        default: break
        }
    }

    private static func isRecord(_ path: [SearchRule.PathPart]) -> Bool { path.contains(.key(ImagesAnnotation.key)) }

    /// A rule by the name of the key where that says what it holds, else by the way.
    private static func rule(for path: [SearchRule.PathPart]) -> SearchRule {
        guard case .key(let key)? = path.last, !["name", "value", "url", "source", "key"].contains(key) else {
            return SearchRule(
                keyMatcher: .path(path.map { if case .index = $0 { .allIndexes } else { $0 } })
            )
        }
        return SearchRule(keyMatcher: .name(key))
    }

    private typealias Found = (path: [SearchRule.PathPart], references: [String])

    /// Where a search finds something: it puts marks there.
    private func places(in resource: YAMLValue, _ finders: Set<ImageFinder>) -> [Found] {
        var references: [String] = []
        let marked = ReferenceSearch(rules: rules, finders: finders).replace(in: resource) { reference -> String? in
            references.append(reference)
            return "candidate-\(references.count - 1).invalid"
        }
        var found: [Found] = []
        var path: [SearchRule.PathPart] = []
        Self.compare(resource, marked, &path, references, into: &found)
        return found
    }

    private static func compare(
        _ old: YAMLValue,
        _ new: YAMLValue,
        _ path: inout [SearchRule.PathPart],
        _ references: [String],
        into found: inout [Found]
    ) {
        switch (old, new) {
        case (.map(let old), .map(let new)):
            for (key, value) in new {
                path.append(.key(key))
                compare(old[key] ?? .null, value, &path, references, into: &found)
                path.removeLast()
            }
        case (.list(let old), .list(let new)):
            for (index, pair) in zip(old, new).enumerated() {
                path.append(.index(index))
                compare(pair.0, pair.1, &path, references, into: &found)
                path.removeLast()
            }
        case (_, .string(let text)) where old != new:
            let marks = marks(in: text).filter(references.indices.contains)
            if !marks.isEmpty { found.append((path, marks.map { references[$0] })) }
        default: break
        }
    }

    private static func marks(in text: String) -> [Int] {
        text.split(separator: "candidate-", omittingEmptySubsequences: false).dropFirst().compactMap { rest in
            let digits = rest.prefix { ("0"..."9").contains($0) }
            return rest.dropFirst(digits.count).hasPrefix(".invalid") ? Int(digits) : nil
        }
    }
}
