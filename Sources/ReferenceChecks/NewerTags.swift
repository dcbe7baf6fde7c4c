public import KbldConfiguration

/// Which tags count as newer ones.
public struct NewerTags: Sendable, Hashable {
    /// How far away they may be.
    public enum Scope: Sendable, Hashable {
        /// The same major and minor version.
        case patch
        /// The same major version.
        case minor
        /// Any.
        case major
        /// Those of a range.
        case range(VersionConstraint)
    }

    /// How far away they may be.
    public var scope: Scope
    /// Whether prereleases count.
    public var prereleases: Bool

    /// Creates a choice of tags.
    public init(_ scope: Scope = .minor, prereleases: Bool = false) {
        self.scope = scope
        self.prereleases = prereleases
    }

    /// The newest of `tags` that is newer than `tag` and of its scheme; nil where there is none, and where `tag` tells
    /// nothing of its age.
    public func newest(of tags: [String], after tag: String) -> String? {
        guard let current = TagVersion(tag) else { return nil }
        var best: (tag: String, version: TagVersion)?
        for candidate in tags {
            guard let version = TagVersion(candidate), version.isComparable(to: current),
                prereleases || version.prerelease.isEmpty, version.isNewer(than: best?.version ?? current),
                admits(version, after: current)
            else { continue }
            best = (candidate, version)
        }
        return best?.tag
    }

    private func admits(_ version: TagVersion, after current: TagVersion) -> Bool {
        func keeps(_ count: Int) -> Bool { version.numbers.prefix(count) == current.numbers.prefix(count) }
        guard case .version = version.scheme else {
            // Dates have no parts that would say how much has changed.
            if case .range = scope { return false }
            return true
        }
        switch scope {
        case .major: return true
        case .minor: return keeps(1)
        case .patch: return keeps(2)
        case .range(let range):
            let numbers = (version.numbers + [0, 0]).prefix(3).map(String.init).joined(separator: ".")
            let parts = version.prerelease.map { part in
                switch part {
                case .number(let number): String(number)
                case .text(let text): text
                }
            }
            let text = numbers + (parts.isEmpty ? "" : "-" + parts.joined(separator: "."))
            return (try? SemanticVersion(text)).map { range.allows($0) } ?? false
        }
    }
}

extension NewerTags.Scope {
    /// Parses `patch`, `minor`, `major` or a range of versions.
    ///
    /// - Throws: `CheckSettingError` for anything else.
    public init(_ text: String) throws(CheckSettingError) {
        switch text {
        case "patch": self = .patch
        case "minor": self = .minor
        case "major": self = .major
        default:
            do {
                self = .range(try VersionConstraint(text))
            } catch {
                throw CheckSettingError(text: text, reason: .badScope("\(error)"))
            }
        }
    }
}
