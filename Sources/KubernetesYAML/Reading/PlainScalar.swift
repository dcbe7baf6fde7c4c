/// What a plain text is taken for: YAML 1.1 as Go's yaml.v2 has it.
enum PlainScalar: Equatable {
    case null
    case bool(Bool)
    case integer(String)
    case float(Double)
    case notFinite
    case timestamp
    /// Text here and for YAML 1.1, a number for some readers: `089`.
    case ambiguous
    case text

    typealias Bytes = UnsafeBufferPointer<UInt8>

    /// What `text` resolves to without quotes and tag.
    static func resolve(_ text: String) -> PlainScalar {
        var text = text
        return text.withUTF8(resolve)
    }

    /// The first byte decides for most texts.
    static func resolve(_ text: Bytes) -> PlainScalar {
        guard let first = text.first else { return .null }
        switch first {
        case UInt8(ascii: "."): return isNotFinite(text) ? .notFinite : pointed(text)
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            let unsigned = Bytes(rebasing: text[1...])
            // `+.nan` and `-.nan` are text.
            return isNotFinite(unsigned) && unsigned[1] | 0x20 == UInt8(ascii: "i") ? .notFinite : number(text)
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            return Timestamp.matches(text) ? .timestamp : number(text)
        case UInt8(ascii: "~"): return text.count == 1 ? .null : .text
        default: return text.count > 5 ? .text : word(text, first | 0x20)
        }
    }

    private static func word(_ text: Bytes, _ first: UInt8) -> PlainScalar {
        switch first {
        case UInt8(ascii: "y"): return isWord(text, "yes") || isWord(text, "y") ? .bool(true) : .text
        case UInt8(ascii: "t"): return isWord(text, "true") ? .bool(true) : .text
        case UInt8(ascii: "f"): return isWord(text, "false") ? .bool(false) : .text
        case UInt8(ascii: "n"):
            if isWord(text, "null") { return .null }
            return isWord(text, "no") || isWord(text, "n") ? .bool(false) : .text
        case UInt8(ascii: "o"):
            if isWord(text, "on") { return .bool(true) }
            return isWord(text, "off") ? .bool(false) : .text
        default: return .text
        }
    }

    /// Whether `text` is `word`, `Word` or `WORD`.
    private static func isWord(_ text: Bytes, _ word: StaticString) -> Bool {
        guard text.count == word.utf8CodeUnitCount else { return false }
        let isUpper = text.count > 1 && text[1] & 0x20 == 0
        for position in 0..<text.count {
            let lower = word.utf8Start[position]
            let upper = lower & ~0x20
            if position == 0 {
                guard text[0] == upper || (text[0] == lower && !isUpper) else { return false }
            } else {
                guard text[position] == (isUpper ? upper : lower) else { return false }
            }
        }
        return true
    }

    private static func isNotFinite(_ text: Bytes) -> Bool {
        guard text.count == 4, text[0] == UInt8(ascii: ".") else { return false }
        return [".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"].contains { text.elementsEqual($0.utf8) }
    }

    /// A number that begins with its point.
    private static func pointed(_ text: Bytes) -> PlainScalar {
        guard text.contains(UInt8(ascii: "_")) else { return float(text[...]) ?? .text }
        // Underscores are allowed between digits only.
        for (position, byte) in text.enumerated() where byte == UInt8(ascii: "_") {
            guard position + 1 < text.count, isDigit(text[position - 1]), isDigit(text[position + 1]) else {
                return .text
            }
        }
        return text.filter { $0 != UInt8(ascii: "_") }.withUnsafeBufferPointer { float($0[...]) ?? .text }
    }

    private static func number(_ text: Bytes) -> PlainScalar {
        guard text.contains(UInt8(ascii: "_")) else { return grouplessNumber(text[...]) }
        return text.filter { $0 != UInt8(ascii: "_") }.withUnsafeBufferPointer { grouplessNumber($0[...]) }
    }

    private static func grouplessNumber(_ text: Slice<Bytes>) -> PlainScalar {
        let isNegative = text.first == UInt8(ascii: "-")
        let sign = isNegative || text.first == UInt8(ascii: "+") ? text.first : nil
        let digits = sign == nil ? text : text.dropFirst()
        guard let first = digits.first else { return .text }
        if isDigit(first), digits.allSatisfy(isDigit), digits.count == 1 || first != UInt8(ascii: "0") {
            let written = isNegative && first != UInt8(ascii: "0") ? text : digits
            return .integer(String(decoding: written, as: UTF8.self))
        }
        if first == UInt8(ascii: "0"), let integer = prefixedInteger(digits.dropFirst(), sign) { return integer }
        return float(text) ?? .text
    }

    /// What follows the zero of `0x1F`, `0o17`, `0b101` or `017`; nil if it is not such an integer.
    private static func prefixedInteger(_ rest: Slice<Bytes>, _ sign: UInt8?) -> PlainScalar? {
        guard let letter = rest.first else { return nil }
        switch letter | 0x20 {
        case UInt8(ascii: "x"): return markedInteger(rest.dropFirst(), radix: 16, sign)
        case UInt8(ascii: "o"): return markedInteger(rest.dropFirst(), radix: 8, sign)
        case UInt8(ascii: "b"): return markedInteger(rest.dropFirst(), radix: 2, sign)
        default: break
        }
        switch DigitConversion.decimal(rest, radix: 8) {
        case .notDigits: return rest.allSatisfy(isDigit) ? .ambiguous : nil
        case .tooLong: return .ambiguous
        case .digits(let text): return .integer(sign == UInt8(ascii: "-") && text != "0" ? "-" + text : text)
        }
    }

    /// A number of another base that is marked as such. What 64 bits don't hold is no number but an address, a key or a
    /// checksum: text, as for Go's readers.
    private static func markedInteger(_ digits: Slice<Bytes>, radix: UInt64, _ sign: UInt8?) -> PlainScalar? {
        switch DigitConversion.decimal(digits, radix: radix) {
        case .notDigits: return nil
        case .tooLong: return .text
        case .digits(let text):
            guard sign != nil else { return UInt64(text) == nil ? .text : .integer(text) }
            let signed = sign == UInt8(ascii: "-") && text != "0" ? "-" + text : text
            return Int64(signed) == nil ? .text : .integer(signed)
        }
    }

    /// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, where the number is finite.
    private static func float(_ text: Slice<Bytes>) -> PlainScalar? {
        var rest = text
        func takeDigits() -> Int {
            let start = rest.startIndex
            while let byte = rest.first, isDigit(byte) { rest = rest.dropFirst() }
            return rest.startIndex - start
        }
        func take(_ characters: StaticString) -> Bool {
            guard let first = rest.first, characters.withUTF8Buffer({ $0.contains(first) }) else { return false }
            rest = rest.dropFirst()
            return true
        }
        let hasPlus = rest.first == UInt8(ascii: "+")
        _ = take("+-")
        if takeDigits() > 0 {
            if take(".") { _ = takeDigits() }
        } else {
            guard take("."), takeDigits() > 0 else { return nil }
        }
        if take("eE") {
            _ = take("+-")
            guard takeDigits() > 0 else { return nil }
        }
        guard rest.isEmpty, let number = Double(String(decoding: hasPlus ? text.dropFirst() : text, as: UTF8.self)),
            number.isFinite
        else { return nil }
        return .float(number)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
}
