/// Findings that aren't wanted: those of a rule, for all images or for some.
public struct IgnoredFinding: Sendable, Hashable {
    /// The rule; nil for all.
    public let rule: CheckRule?
    /// Which images; nil for all.
    public let pattern: NamePattern?

    /// Parses `RULE`, `RULE:PATTERN` or `*:PATTERN`. The pattern is one of names that are written out:
    /// `docker.io/library/*`.
    ///
    /// - Throws: `CheckSettingError` for a rule that isn't there.
    public init(_ text: String) throws(CheckSettingError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let name = parts[0]
        rule = name == "*" ? nil : try CheckRule.chosen(by: String(name))
        guard parts.count == 2 else {
            guard rule != nil else { throw CheckSettingError(text: text, reason: .noPattern) }
            pattern = nil
            return
        }
        guard !parts[1].isEmpty else { throw CheckSettingError(text: text, reason: .noPattern) }
        pattern = NamePattern(String(parts[1]))
    }

    /// Whether the findings of `rule` for `reference` are meant.
    func covers(_ rule: CheckRule, _ reference: CheckedReference) -> Bool {
        guard self.rule ?? rule == rule else { return false }
        guard let pattern else { return true }
        return pattern.matches(reference.name) || reference.repository.map { pattern.matches("\($0)") } == true
    }
}
