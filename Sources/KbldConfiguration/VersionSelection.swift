/// Chooses the tag with the highest version: `tagSelection.semver` of an override.
public struct VersionSelection: Sendable, Hashable {
    /// Which versions are wanted; nil for all.
    public var constraint: VersionConstraint?
    /// Which prereleases are included.
    public var prereleases: Prereleases

    /// Which prereleases may be chosen.
    public enum Prereleases: Sendable, Hashable {
        /// None.
        case excluded
        /// All.
        case included
        /// Those that have one of these between their dots: `rc` is in `1.0.0-rc.1`. Numbers don't count.
        case identified(by: Set<String>)
    }

    /// Creates a selection.
    public init(constraint: VersionConstraint? = nil, prereleases: Prereleases = .excluded) {
        self.constraint = constraint
        self.prereleases = prereleases
    }

    /// The tag of the highest version that is wanted; of several that are equal the last.
    ///
    /// - Throws: `VersionSelectionError` listing the available versions if none matches.
    public func highest(of tags: [String]) throws(VersionSelectionError) -> String {
        let versions = tags.compactMap { tag in SemanticVersion(tag: tag).map { (tag: tag, version: $0) } }
        let allowed = versions.filter { admits($0.version) }
        let matching = allowed.filter { constraint?.allows($0.version) ?? true }
        guard let best = matching.map(\.version).max(), let highest = matching.last(where: { $0.version == best })
        else {
            throw VersionSelectionError(
                selection: self,
                tags: tags.count,
                versions: versions.sorted { $0.version < $1.version }.map(\.tag),
                afterPrereleases: allowed.count
            )
        }
        return highest.tag
    }

    private func admits(_ version: SemanticVersion) -> Bool {
        guard !version.prerelease.isEmpty else { return true }
        switch prereleases {
        case .excluded: return false
        case .included: return true
        case .identified(let identifiers):
            return version.prerelease.contains { $0.number == nil && identifiers.contains($0.text) }
        }
    }
}

/// No tag has a version that is wanted.
public struct VersionSelectionError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was wanted.
    public let selection: VersionSelection
    /// How many tags there are.
    public let tags: Int
    /// The tags that are versions, ascending.
    public let versions: [String]
    /// How many versions were left when unwanted prereleases had been left out.
    public let afterPrereleases: Int

    /// The requested and the available versions.
    public var description: String {
        let wanted = selection.constraint.map { "version matches '\($0)'" } ?? "tag is a version"
        guard !versions.isEmpty else {
            return "no \(wanted): none of the \(tags) tags is a semantic version such as 1.2.3 or v1.2.3"
        }
        let shown = (versions.count > 20 ? ["…"] : []) + versions.suffix(20)
        let hint =
            afterPrereleases < versions.count
            ? " (\(versions.count - afterPrereleases) of them prereleases, which only 'prereleases: {}' includes)" : ""
        return "no \(wanted): \(tags) tags, of them \(versions.count) versions\(hint): \(shown.joined(separator: ", "))"
    }
}
