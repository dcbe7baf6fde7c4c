/// How old an image may be.
public struct AgeLimit: Sendable, Hashable, CustomStringConvertible {
    /// The limit as written.
    public let description: String
    /// The same in seconds.
    public let seconds: Int64

    /// The limit where none is given.
    public static let standard = AgeLimit(description: "180d", seconds: 180 * 86400)

    private init(description: String, seconds: Int64) {
        self.description = description
        self.seconds = seconds
    }

    /// Parses a number of hours, days, weeks, months of 30 days or years of 365: `48h`, `180d`, `26w`, `6mo`, `1y`.
    ///
    /// - Throws: `CheckSettingError` for anything else.
    public init(_ text: String) throws(CheckSettingError) {
        let digits = text.prefix { ("0"..."9").contains($0) }
        let units: [Substring: Int64] = ["h": 3600, "d": 86400, "w": 604_800, "mo": 2_592_000, "y": 31_536_000]
        guard let unit = units[text[digits.endIndex...]], let count = Int64(digits), count > 0, count <= 1_000_000
        else {
            throw CheckSettingError(text: text, reason: .badAge)
        }
        description = text
        seconds = count * unit
    }
}
