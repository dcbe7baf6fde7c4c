/// The forms of date and time that Go's yaml.v2 knows.
enum Timestamp {
    private typealias Rest = Slice<UnsafeBufferPointer<UInt8>>

    /// Whether `text` is a date (`2024-1-2`), or one with a time (`2024-01-02T03:04:05Z`, `2024-01-02 03:04:05`).
    static func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard text.count >= 8, text[4] == UInt8(ascii: "-") else { return false }
        var rest = text[...]
        guard let year = number(&rest, 4...4), take("-", &rest), let month = number(&rest, 1...2), take("-", &rest),
            let day = number(&rest, 1...2)
        else { return false }
        guard (1...12).contains(month), day >= 1, day <= days(in: month, of: year) else { return false }
        if rest.isEmpty { return true }
        let isSpaced = take(" ", &rest)
        guard isSpaced || take("T", &rest) || take("t", &rest) else { return false }
        if isSpaced { rest = rest.drop { $0 == UInt8(ascii: " ") } }
        guard let hour = number(&rest, 1...2), take(":", &rest), let minute = number(&rest, 1...2),
            take(":", &rest), let second = number(&rest, 1...2), hour < 24, minute < 60, second < 60
        else { return false }
        if take(".", &rest) || take(",", &rest) { guard number(&rest, 1 ... .max) != nil else { return false } }
        if isSpaced || rest.isEmpty { return isSpaced && rest.isEmpty }
        if take("Z", &rest) { return rest.isEmpty }
        guard take("+", &rest) || take("-", &rest), let zoneHour = number(&rest, 2...2), take(":", &rest),
            let zoneMinute = number(&rest, 2...2)
        else { return false }
        return zoneHour <= 24 && zoneMinute <= 60 && rest.isEmpty
    }

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func number(_ rest: inout Rest, _ width: ClosedRange<Int>) -> Int? {
        let digits = rest.prefix(width.upperBound).prefix { (48...57).contains($0) }
        guard width.contains(digits.count) else { return nil }
        rest = rest[digits.endIndex...]
        return digits.prefix(9).reduce(0) { $0 * 10 + Int($1 - 48) }
    }

    private static func take(_ character: Unicode.Scalar, _ rest: inout Rest) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest = rest.dropFirst()
        return true
    }
}
