/// Which rules a comment at a reference turns off: `# kbld:ignore` all, `# kbld:ignore KBLD004` one.
public enum IgnoredRules: Sendable, Hashable {
    /// None: there is no such comment.
    case none
    /// All, and the reference isn't pinned either.
    case all
    /// The rules of these identifiers. Pinning goes on.
    case rules(Set<String>)

    /// Whether the rule of this identifier is off.
    public func contains(_ rule: String) -> Bool {
        switch self {
        case .none: false
        case .all: true
        case .rules(let rules): rules.contains(rule)
        }
    }
}
