import ContainerImage

/// Why a text isn't a setting of checks.
public struct CheckSettingError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was given.
    public let text: String
    /// What is wrong with it.
    public let reason: Reason

    /// Creates an error.
    public init(text: String, reason: Reason) {
        self.text = text
        self.reason = reason
    }

    /// What can be wrong.
    public enum Reason: Sendable, Hashable {
        /// There is no such rule.
        case unknownRule
        /// It isn't `RULE=LEVEL`.
        case noLevel
        /// There is no pattern of names behind the colon.
        case noPattern
        /// It isn't a length of time.
        case badAge
        /// It isn't a scope or a range of versions.
        case badScope(String)
    }

    /// What is wrong, with the text, and what there is.
    public var description: String {
        switch reason {
        case .unknownRule:
            "there is no rule '\(text)'"
                + (Spelling.nearest(to: text, among: CheckRule.names).map { " (did you mean '\($0)'?)" } ?? "")
                + "; rules are " + CheckRule.allCases.map { "\($0.id) \($0.name)" }.joined(separator: ", ")
        case .noLevel:
            "'\(text)' must be a rule and a level, as in KBLD004=error; levels are note, warning, error"
        case .noPattern: "'\(text)' must be a rule, or a rule and names, as in KBLD006:docker.io/library/*"
        case .badAge: "'\(text)' is not a length of time; write it as 48h, 180d, 26w, 6mo or 1y"
        case .badScope(let why):
            "'\(text)' is none of patch, minor, major, and not a range of versions such as '>=1.2.0 <2.0.0' (\(why))"
        }
    }
}

extension CheckRule {
    /// The rule of an identifier or a name.
    ///
    /// - Throws: `CheckSettingError` with the list of rules.
    public static func chosen(by text: String) throws(CheckSettingError) -> CheckRule {
        guard let rule = CheckRule(named: text) else { throw CheckSettingError(text: text, reason: .unknownRule) }
        return rule
    }
}
