/// What may be wrong with a reference. The identifiers are stable: they are in reports, comments and settings of others.
public enum CheckRule: String, Sendable, CaseIterable, Comparable, Codable {
    /// No digest.
    case unpinned = "KBLD001"
    /// The tag `latest`, or none.
    case latest = "KBLD002"
    /// The registry doesn't have it.
    case missing = "KBLD003"
    /// The tag names another digest now.
    case drift = "KBLD004"
    /// The tag is gone while the digest is there.
    case tagGone = "KBLD005"
    /// There is a newer tag.
    case newer = "KBLD006"
    /// The base image has moved.
    case base = "KBLD007"
    /// The image is old.
    case age = "KBLD008"
    /// A platform is lacking.
    case platform = "KBLD009"
    /// A package or a mirror lacks it.
    case absent = "KBLD010"
    /// There is no signature that a policy accepts.
    case unsigned = "KBLD011"
    /// A lock file says otherwise.
    case lock = "KBLD012"
    /// A template or variable.
    case uncheckable = "KBLD013"
    /// Pinned in two ways, or here and not there.
    case inconsistent = "KBLD014"
    /// A reference where none is looked for.
    case overlooked = "KBLD015"

    /// The identifier.
    public var id: String { rawValue }

    /// The name that people choose it by.
    public var name: String {
        switch self {
        case .unpinned: "unpinned"
        case .latest: "latest"
        case .missing: "missing"
        case .drift: "drift"
        case .tagGone: "tag-gone"
        case .newer: "newer"
        case .base: "base"
        case .age: "age"
        case .platform: "platform"
        case .absent: "not-in-package"
        case .unsigned: "unsigned"
        case .lock: "lock"
        case .uncheckable: "uncheckable"
        case .inconsistent: "inconsistent"
        case .overlooked: "overlooked"
        }
    }

    /// What else it is called.
    private static let aliases: [String: CheckRule] = ["not-in-mirror": .absent]

    /// What a rule may be chosen by: all names, without identifiers.
    public static var names: [String] {
        allCases.flatMap { rule in [rule.name] + aliases.filter { $0.value == rule }.map(\.key).sorted() }
    }

    /// The rule of an identifier or a name, in any case of letters; nil where there is none.
    public init?(named text: some StringProtocol) {
        let text = text.lowercased()
        guard
            let rule = Self.allCases.first(where: { $0.id.lowercased() == text || $0.name == text })
                ?? Self.aliases[text]
        else { return nil }
        self = rule
    }

    /// How much its findings matter, unless somebody says otherwise.
    public var level: CheckLevel {
        switch self {
        case .unpinned, .missing, .platform, .absent, .unsigned, .lock, .inconsistent: .error
        case .drift, .tagGone, .base, .age: .warning
        case .latest, .newer, .uncheckable, .overlooked: .note
        }
    }

    /// Whether registries are asked, unless a package is looked into in their place.
    public var asksRegistry: Bool {
        switch self {
        case .missing, .drift, .tagGone, .newer, .base, .age, .platform, .unsigned: true
        case .unpinned, .latest, .absent, .lock, .uncheckable, .inconsistent, .overlooked: false
        }
    }

    /// Orders by identifier.
    public static func < (left: Self, right: Self) -> Bool { left.id < right.id }
}
