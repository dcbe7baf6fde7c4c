import ArgumentParser
import ContainerImage
import FoundationEssentials
import ReferenceChecks

/// What is checked of references, and how much it matters.
struct RuleFlags: ParsableArguments {
    @Option(
        name: .customLong("rules"),
        help: ArgumentHelp(
            "Rules to apply: all, or names: unpinned,drift.",
            discussion: "Names or identifiers (KBLD001), comma-separated. Without it: those that need no registry and "
                + "no other flag, and those that a flag is given for. Repeatable.",
            valueName: "rules"
        )
    )
    var rules: [String] = []

    @Option(
        name: .customLong("level"),
        help: ArgumentHelp(
            "Level of a rule: KBLD004=error.",
            discussion: "Levels are note, warning and error. Repeatable.",
            valueName: "rule=level"
        )
    )
    var levels: [String] = []

    @Option(
        name: .customLong("ignore"),
        help: ArgumentHelp(
            "Findings to ignore: RULE or RULE:NAMES.",
            discussion: "Names are written out and may have wildcards: KBLD006:docker.io/library/*. Repeatable.",
            valueName: "rule[:names]"
        )
    )
    var ignored: [String] = []

    @Option(
        name: .customLong("newer"),
        help: ArgumentHelp(
            "Newer tags to report: patch, minor, major.",
            discussion: "Or a range of versions: '>=1.2.0 <2.0.0'. Without it rule newer takes minor.",
            valueName: "scope"
        )
    )
    var newer: String?

    @Flag(name: .customLong("prereleases"), help: "Report prereleases as newer tags, too.")
    var prereleases = false

    @Option(
        name: .customLong("max-age"),
        help: ArgumentHelp(
            "Age that images may have: 48h, 180d, 26w, 6mo, 1y.",
            discussion: "Without it rule age takes 180d.",
            valueName: "age"
        )
    )
    var maximalAge: String?

    @Option(
        name: .customLong("platform"),
        help: ArgumentHelp(
            "Platform that every image must be there for.",
            discussion: "os/arch[/variant]. Repeatable.",
            valueName: "platform"
        )
    )
    var platforms: [String] = []

    @Flag(inversion: .prefixedNo, help: "Ask for all images of an index and all blobs.")
    var deep = false

    @Flag(name: .customLong("offline"), help: "Connect to nothing; rules that ask a registry are an error.")
    var offline = false

    /// What the rules go by, beside files.
    private var inputs: Set<RuleChoice.Input> {
        var inputs: Set<RuleChoice.Input> = []
        if !platforms.isEmpty { inputs.insert(.platforms) }
        if newer != nil { inputs.insert(.newer) }
        if maximalAge != nil { inputs.insert(.age) }
        if deep { inputs.insert(.depth) }
        return inputs
    }

    /// The rules that are applied.
    ///
    /// - Parameter others: What other flags give to go by.
    /// - Throws: `ValidationError` for a rule that isn't there, or can't be applied.
    func choice(with others: Set<RuleChoice.Input>) throws -> RuleChoice {
        let names = rules.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
            .map { $0.trimmingCharacters(" ") }
        do {
            return try RuleChoice(
                names,
                inputs: inputs.union(others),
                isOffline: offline
            )
        } catch let error as CheckSettingError {
            throw ValidationError("--rules: \(error)")
        } catch let error as RuleChoiceError {
            throw ValidationError(Self.words(for: error))
        }
    }

    /// What the flags mean, but for what the rules are compared with.
    ///
    /// - Throws: `ValidationError` for a malformed value.
    func settings(for choice: RuleChoice) throws -> CheckSettings {
        var settings = CheckSettings(
            rules: choice.rules,
            now: Timestamp(seconds: Int64(Date().timeIntervalSince1970))
        )
        for text in levels {
            let (rule, level) = try Self.level(text)
            settings.levels[rule] = level
        }
        settings.ignored = try ignored.map { text in try Self.parsed("--ignore") { try IgnoredFinding(text) } }
        if let newer { settings.newer.scope = try Self.parsed("--newer") { try NewerTags.Scope(newer) } }
        settings.newer.prereleases = prereleases
        if let maximalAge { settings.ageLimit = try Self.parsed("--max-age") { try AgeLimit(maximalAge) } }
        settings.platforms = try platforms.flatMap { $0.split(separator: ",").map(String.init) }.map { text in
            try Self.parsed("--platform") { try Platform(text) }
        }
        settings.isDeep = deep
        return settings
    }

    private static func level(_ text: String) throws -> (CheckRule, CheckLevel) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let rule = try parsed("--level") { try CheckRule.chosen(by: parts[0]) }
        guard parts.count == 2, let level = CheckLevel(rawValue: parts[1]) else {
            throw ValidationError("--level: \(CheckSettingError(text: text, reason: .noLevel))")
        }
        return (rule, level)
    }

    private static func parsed<Value>(_ flag: String, _ parse: () throws -> Value) throws -> Value {
        do {
            return try parse()
        } catch {
            throw ValidationError("\(flag): \(error)")
        }
    }

    /// Why a rule can't be applied, and what to do.
    static func words(for error: RuleChoiceError) -> String {
        let rule = "rule \(error.rule.id) \(error.rule.name)"
        return switch error.reason {
        case .offline: "\(rule) asks a registry, which --offline forbids"
        case .needs(.platforms): "\(rule) needs --platform"
        case .needs(.lock): "\(rule) needs --lock"
        case .needs(.package), .needs(.mirror): "\(rule) needs --input or --against"
        case .needs(.newer): "\(rule) needs --newer"
        case .needs(.age): "\(rule) needs --max-age"
        case .needs(.depth): "\(rule) needs --deep"
        case .needs(.signatures): "\(rule) needs --verify-key, --verify-identity or --verify-policy"
        }
    }
}

extension String {
    /// The text without `character` at its ends.
    fileprivate func trimmingCharacters(_ character: Character) -> String {
        var rest = self[...]
        while rest.first == character { rest.removeFirst() }
        while rest.last == character { rest.removeLast() }
        return String(rest)
    }
}
