import FoundationEssentials

/// A span of time, both ends of which belong to it.
struct ValidityPeriod: Sendable {
    let start: Date
    /// The end; nil for none.
    let end: Date?

    func contains(_ time: Date) -> Bool { start <= time && end.map { time <= $0 } != false }

    /// A time of RFC 3339, with any number of digits after the second.
    static func date(_ text: String) -> Date? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let whole = parts.first else { return try? Date(text, strategy: .iso8601) }
        let digits = parts[1].prefix { $0.isASCII && $0.isNumber }
        guard (1...9).contains(digits.utf8.count), let fraction = Double("0.\(digits)"),
            let date = try? Date(whole + parts[1].dropFirst(digits.count), strategy: .iso8601)
        else { return nil }
        return date.addingTimeInterval(fraction)
    }
}
