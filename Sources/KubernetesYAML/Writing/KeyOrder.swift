/// The order of keys in Go's yaml.v2: letters after everything else, runs of digits as numbers.
enum KeyOrder {
    /// Whether `left` sorts before `right`.
    static func precedes(_ left: String, _ right: String) -> Bool {
        let order = left.utf8.withContiguousStorageIfAvailable { left in
            right.utf8.withContiguousStorageIfAvailable { right in precedes(left, right) }
        }
        if case let order?? = order { return order }
        return Array(left.utf8).withUnsafeBufferPointer { left in
            Array(right.utf8).withUnsafeBufferPointer { right in precedes(left, right) }
        }
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
        if one == "0" || other == "0", followsNonzeroDigit(left, position) { (value, otherValue) = (1, 1) }
        let length = number(left, position, &value)
        let otherLength = number(right, position, &otherValue)
        if value != otherValue { return value < otherValue }
        if length != otherLength { return length < otherLength }
        return one.value < other.value
    }

    /// Whether the run of digits before `position` has one that isn't zero.
    private static func followsNonzeroDigit(_ text: UnsafeBufferPointer<UInt8>, _ position: Int) -> Bool {
        var before = position
        while before > 0 {
            before -= 1
            while before > 0, isContinuation(text[before]) { before -= 1 }
            let scalar = scalar(text, before)
            guard isDigit(scalar) else { return false }
            if scalar != "0" { return true }
        }
        return false
    }

    /// Reads a run of digits; gives how many there are.
    ///
    /// Digits of other scripts have the distance of their code points from `0` for their value, as in Go.
    private static func number(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ value: inout Int64) -> Int {
        var (end, length) = (start, 0)
        while end < text.count {
            let digit = scalar(text, end)
            guard isDigit(digit) else { break }
            value = value &* 10 &+ (Int64(digit.value) - 0x30)
            end += ScalarAnalysis.width(of: text[end])
            length += 1
        }
        return length
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

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isASCII
            ? (48...57).contains(scalar.value) : scalar.properties.generalCategory == .decimalNumber
    }

    private static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }
}
