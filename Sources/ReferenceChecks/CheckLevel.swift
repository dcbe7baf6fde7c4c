/// How much a finding matters.
public enum CheckLevel: String, Sendable, CaseIterable, Comparable, Codable {
    /// Worth knowing.
    case note
    /// Probably not meant.
    case warning
    /// Not as it must be.
    case error

    /// Orders by weight.
    public static func < (left: Self, right: Self) -> Bool { left.weight < right.weight }

    private var weight: Int {
        switch self {
        case .note: 0
        case .warning: 1
        case .error: 2
        }
    }
}
