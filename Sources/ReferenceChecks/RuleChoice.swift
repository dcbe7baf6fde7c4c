/// The rules that are applied, by what people ask for.
public struct RuleChoice: Sendable, Hashable {
    /// What is there for rules to go by.
    public enum Input: Sendable, Hashable, CaseIterable {
        /// Platforms that images must be there for.
        case platforms
        /// A package that must have the images.
        case package
        /// A mirror that must have them.
        case mirror
        /// A lock file.
        case lock
        /// Keys or a policy that signatures are judged by.
        case signatures
        /// Which tags count as newer.
        case newer
        /// How old images may be.
        case age
        /// Images are asked for with all their parts.
        case depth
    }

    /// The rules.
    public let rules: Set<CheckRule>
    /// The rules that `all` leaves out, and why.
    public let omitted: [Omission]

    /// A rule that `all` leaves out.
    public struct Omission: Sendable, Hashable {
        /// The rule.
        public let rule: CheckRule
        /// Why.
        public let reason: RuleChoiceError.Reason
    }

    /// Chooses rules.
    ///
    /// - Parameters:
    ///   - names: Identifiers and names of rules, or `all`. Empty for those that ask nobody and need nothing, and those
    ///     that the inputs are for.
    ///   - inputs: What is there.
    ///   - isOffline: Whether no registry may be asked.
    /// - Throws: `CheckSettingError` for an unknown rule, `RuleChoiceError` for one that can't be applied.
    public init(_ names: [String], inputs: Set<Input>, isOffline: Bool) throws {
        var rules: Set<CheckRule> = []
        var omitted: [Omission] = []
        for name in names.isEmpty ? Self.standard(inputs) : names {
            if name.lowercased() == "all" {
                for rule in CheckRule.allCases {
                    if let reason = Self.obstacle(to: rule, inputs, isOffline) {
                        omitted.append(Omission(rule: rule, reason: reason))
                    } else {
                        rules.insert(rule)
                    }
                }
                continue
            }
            let rule = try CheckRule.chosen(by: name)
            if let reason = Self.obstacle(to: rule, inputs, isOffline) {
                throw RuleChoiceError(rule: rule, reason: reason)
            }
            rules.insert(rule)
        }
        self.rules = rules
        self.omitted = omitted
    }

    private static func standard(_ inputs: Set<Input>) -> [String] {
        var rules: [CheckRule] = [.unpinned, .latest, .uncheckable, .inconsistent, .overlooked]
        if inputs.contains(.platforms) { rules.append(.platform) }
        if inputs.contains(.package) || inputs.contains(.mirror) { rules.append(.absent) }
        if inputs.contains(.lock) { rules.append(.lock) }
        if inputs.contains(.signatures) { rules.append(.unsigned) }
        if inputs.contains(.newer) { rules.append(.newer) }
        if inputs.contains(.age) { rules.append(.age) }
        if inputs.contains(.depth) { rules.append(.missing) }
        return rules.map(\.id)
    }

    private static func obstacle(
        to rule: CheckRule,
        _ inputs: Set<Input>,
        _ isOffline: Bool
    ) -> RuleChoiceError.Reason? {
        switch rule {
        case .unsigned where !inputs.contains(.signatures): return .needs(.signatures)
        case .unsigned where inputs.contains(.package): return nil
        case .platform where !inputs.contains(.platforms): return .needs(.platforms)
        case .lock where !inputs.contains(.lock): return .needs(.lock)
        case .absent where inputs.isDisjoint(with: [.package, .mirror]): return .needs(.package)
        case .absent where isOffline && inputs.contains(.mirror): return .offline
        default: return isOffline && rule.asksRegistry ? .offline : nil
        }
    }
}

/// Why a rule can't be applied.
public struct RuleChoiceError: Error, Sendable, Hashable {
    /// The rule.
    public let rule: CheckRule
    /// Why.
    public let reason: Reason

    /// Creates an error.
    public init(rule: CheckRule, reason: Reason) {
        self.rule = rule
        self.reason = reason
    }

    /// What is in the way.
    public enum Reason: Sendable, Hashable {
        /// Registries must not be asked.
        case offline
        /// Something isn't given.
        case needs(RuleChoice.Input)
    }
}
