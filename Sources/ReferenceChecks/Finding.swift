import ContainerImage

/// What is wrong with a reference.
public struct Finding: Sendable, Hashable {
    /// The rule that found it.
    public var rule: CheckRule
    /// How much it matters.
    public var level: CheckLevel
    /// The file, as it is shown.
    public var path: String
    /// Where it is in the file.
    public var region: SourceRegion
    /// The reference as written.
    public var reference: String
    /// The image's name written out.
    public var name: String
    /// What is wrong.
    public var message: String
    /// What to do about it; empty where nothing can be said.
    public var hint: String
    /// The same for the same finding, whatever line it has moved to. See ``numbered(_:)``.
    public var fingerprint = ""
    /// What would mend it; empty where that isn't known.
    public var fix: [Replacement] = []

    /// A text that takes the place of a region.
    public struct Replacement: Sendable, Hashable {
        /// What is replaced; empty where text is inserted.
        public var region: SourceRegion
        /// What takes its place.
        public var text: String

        /// Creates a replacement.
        public init(region: SourceRegion, text: String) {
            self.region = region
            self.text = text
        }
    }

    /// The findings in the order of their files and lines, with their fingerprints: a hash of rule, name and file, and
    /// the number among those that have these in common.
    static func numbered(_ findings: [Finding]) -> [Finding] {
        var counts: [String: Int] = [:]
        return findings.sorted { left, right in
            if left.path != right.path { return left.path.utf8.lexicographicallyPrecedes(right.path.utf8) }
            if left.region.line != right.region.line { return left.region.line < right.region.line }
            if left.region.column != right.region.column { return left.region.column < right.region.column }
            return left.rule < right.rule
        }
        .map { finding in
            let key = [finding.rule.id, finding.name, finding.path].joined(separator: "\n")
            let hash = Digest(of: Array(key.utf8)).hex.prefix(32)
            counts[key, default: 0] += 1
            var finding = finding
            finding.fingerprint = "\(hash):\(counts[key] ?? 1)"
            return finding
        }
    }
}
