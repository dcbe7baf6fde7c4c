/// The order of keys in Go's yaml.v2: letters after everything else, runs of digits as numbers.
enum KeyOrder {
    /// Whether `left` stands before `right`.
    static func precedes(_ left: String, _ right: String) -> Bool {
        var left = left
        var right = right
        return left.withUTF8 { left in right.withUTF8 { right in precedes(left, right) } }
    }

    private static func precedes(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Bool {
        let shared = min(left.count, right.count)
        var position = 0
        while position < shared, left[position] == right[position] { position += 1 }
        guard position < shared else { return left.count < right.count }
        // A difference within a character is a difference of that character.
        while position > 0, isContinuation(left[position]) || isContinuation(right[position]) { position -= 1 }
        let one = scalar(left, position)
        let other = scalar(right, position)
        switch (isLetter(one), isLetter(other)) {
        case (true, true): return one.value < other.value
        case (true, false): return false
        case (false, true): return true
        case (false, false): break
        }
        var (value, otherValue): (Int64, Int64) = (0, 0)
        if one == "0" || other == "0" {
            var before = position - 1
            while before >= 0, isDigit(left[before]) {
                if left[before] != UInt8(ascii: "0") {
                    value = 1
                    otherValue = 1
                    break
                }
                before -= 1
            }
        }
        let end = number(left, position, &value)
        let otherEnd = number(right, position, &otherValue)
        if value != otherValue { return value < otherValue }
        if end != otherEnd { return end < otherEnd }
        return one.value < other.value
    }

    private static func number(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ value: inout Int64) -> Int {
        var end = start
        while end < text.count, isDigit(text[end]) {
            value = value &* 10 &+ Int64(text[end] - UInt8(ascii: "0"))
            end += 1
        }
        return end
    }

    private static func scalar(_ text: UnsafeBufferPointer<UInt8>, _ position: Int) -> Unicode.Scalar {
        if text[position] < 0x80 { return Unicode.Scalar(text[position]) }
        let rest = UnsafeBufferPointer(rebasing: text[position..<min(position + 4, text.count)])
        return String(decoding: rest, as: UTF8.self).unicodeScalars.first ?? "\u{FFFD}"
    }

    private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return (65...90).contains(scalar.value) || (97...122).contains(scalar.value) }
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return true
        default: return false
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
    private static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }
}
