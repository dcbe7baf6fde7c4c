public import ContainerImage
public import KbldConfiguration

/// Which tags of a repository are wanted. A tag must pass all that is given.
public struct TagSelection: Sendable, Hashable {
    /// Tags by their names; nil for those of the repository's list.
    public var names: [Tag]?
    /// The versions that are wanted. Tags that are none, such as `latest` and `1.27`, are not.
    public var versions: VersionRange?
    /// Whether tags such as `1.27` are versions, too: `1.27.0`.
    public var takesShortVersions = false
    /// Whether versions with something behind their numbers are wanted by a range that names none.
    public var takesPrereleases: Bool?
    /// Patterns of whole tags, of which one must fit.
    public var patterns: [TextPattern] = []
    /// Regular expressions for whole tags, of which one must fit where no pattern does.
    public var expressions: [TagExpression] = []
    /// Patterns of tags that aren't wanted.
    public var exceptions: [TextPattern] = []
    /// Regular expressions for whole tags that aren't wanted.
    public var exceptedExpressions: [TagExpression] = []
    /// How many are wanted at most, the newest; nil for all.
    public var newest: Int?

    /// Creates a selection of all tags.
    public init() {}

    /// Those of `tags` that are wanted, but for how new they are; in the order of their names. What stands for digests
    /// comes along with images, and isn't one.
    public func candidates(among tags: [String]) -> [Tag] {
        let expressions = CompiledExpressions(expressions)
        let excepted = CompiledExpressions(exceptedExpressions)
        let isNamed = !patterns.isEmpty || !self.expressions.isEmpty
        let found = Set(tags).compactMap { try? Tag($0) }.filter { tag in
            guard !tag.standsForDigest else { return false }
            if let versions {
                let version = takesShortVersions ? Self.version(of: tag) : SemanticVersion(tag: tag.name)
                guard let version, versions.allows(version) else { return false }
                let takesAll = takesPrereleases ?? (isNamed || versions.namesPrereleases)
                guard takesAll || version.prerelease.isEmpty else { return false }
            }
            if isNamed {
                guard patterns.contains(where: { $0.matches(tag.name) }) || expressions.matches(tag.name) else {
                    return false
                }
            }
            return !exceptions.contains { $0.matches(tag.name) } && !excepted.matches(tag.name)
        }
        return found.sorted { $0.name < $1.name }
    }

    /// The newest of `candidates` by their versions; nil where some have none, so that only the images tell their age.
    public func newest(of candidates: [Tag]) -> [Tag]? {
        guard let newest, candidates.count > newest else { return candidates }
        var versions: [(tag: Tag, version: SemanticVersion)] = []
        for tag in candidates {
            guard let version = Self.version(of: tag) else { return nil }
            versions.append((tag, version))
        }
        return Array(
            versions.sorted { ($1.version, $1.tag.name) < ($0.version, $0.tag.name) }.prefix(newest).map(\.tag)
        )
    }

    /// The version by which a tag has its place among others: of `1.27`, too.
    static func version(of tag: Tag) -> SemanticVersion? {
        let text = tag.name.hasPrefix("v") ? String(tag.name.dropFirst()) : tag.name
        do {
            return try SemanticVersion(shortened: text)
        } catch {
            return nil
        }
    }
}
