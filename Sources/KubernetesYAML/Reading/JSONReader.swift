/// Reads JSON strictly, as RFC 8259 has it: unlike a YAML reader it tells JSON from what only looks like it.
public struct JSONReader {
    private let bytes: ArraySlice<UInt8>
    private var position: Int
    private let repairsSurrogates: Bool
    private static let deepest = 1000

    /// The value of a JSON text; nil when it isn't one, or one nested deeper than 1,000 levels.
    public static func value(of text: String) -> YAMLValue? {
        guard let values = values(of: text), values.count == 1 else { return nil }
        return values[0]
    }

    /// The values of JSON texts that follow each other, as `jq` and logs have them; nil if there is anything else.
    ///
    /// Of several all must be maps or lists: words in a row are a text.
    public static func values(of text: String) -> [YAMLValue]? {
        values(of: Array(text.utf8)[...], repairsSurrogates: true)?.map(\.value)
    }

    /// The values, and where the text of each begins.
    ///
    /// - Parameter repairsSurrogates: Whether an escaped half of a surrogate pair is taken for U+FFFD, as Go's reader
    ///   takes it, instead of being refused.
    static func values(
        of bytes: ArraySlice<UInt8>,
        repairsSurrogates: Bool = false
    ) -> [(value: YAMLValue, start: Int)]? {
        // The first character decides for most texts that aren't JSON.
        guard let first = bytes.first(where: { !isSpace($0) }), isStart(first) else { return nil }
        var parser = JSONReader(bytes: bytes, repairsSurrogates: repairsSurrogates)
        var values: [(value: YAMLValue, start: Int)] = []
        parser.skipSpace()
        while let next = parser.next {
            let mayFollow = values.isEmpty || (first | 0x20 == 0x7B && next | 0x20 == 0x7B)
            let start = parser.position
            guard mayFollow, let value = try? parser.value(depth: 0) else { return nil }
            values.append((value, start))
            parser.skipSpace()
        }
        return values
    }

    private struct NotJSON: Error {}

    private init(bytes: ArraySlice<UInt8>, repairsSurrogates: Bool) {
        self.repairsSurrogates = repairsSurrogates
        self.bytes = bytes
        position = bytes.startIndex
    }

    private var next: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

    private mutating func value(depth: Int) throws(NotJSON) -> YAMLValue {
        guard depth <= Self.deepest else { throw NotJSON() }
        skipSpace()
        switch next {
        case UInt8(ascii: "{"): return try map(depth: depth)
        case UInt8(ascii: "["): return try list(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func map(depth: Int) throws(NotJSON) -> YAMLValue {
        var entries: [YAMLMap.Entry] = []
        position += 1
        skipSpace()
        if take("}") { return .map(YAMLMap()) }
        repeat {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw NotJSON() }
            let key = try string()
            skipSpace()
            guard take(":") else { throw NotJSON() }
            entries.append(YAMLMap.Entry(key: key, value: try value(depth: depth + 1)))
            skipSpace()
        } while take(",")
        guard take("}") else { throw NotJSON() }
        return .map(YAMLMap(entries[...]))
    }

    private mutating func list(depth: Int) throws(NotJSON) -> YAMLValue {
        var list: [YAMLValue] = []
        position += 1
        skipSpace()
        if take("]") { return .list(list) }
        repeat {
            list.append(try value(depth: depth + 1))
            skipSpace()
        } while take(",")
        guard take("]") else { throw NotJSON() }
        return .list(list)
    }

    private mutating func word(_ word: String, _ value: YAMLValue) throws(NotJSON) -> YAMLValue {
        guard bytes[position...].starts(with: word.utf8) else { throw NotJSON() }
        position += word.utf8.count
        return value
    }

    private mutating func number() throws(NotJSON) -> YAMLValue {
        let start = position
        _ = take("-")
        let integer = digits()
        guard integer == 1 || (integer > 1 && bytes[position - integer] != UInt8(ascii: "0")) else { throw NotJSON() }
        var isInteger = true
        if take(".") {
            isInteger = false
            guard digits() > 0 else { throw NotJSON() }
        }
        if take("e") || take("E") {
            isInteger = false
            _ = take("+") || take("-")
            guard digits() > 0 else { throw NotJSON() }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger { return .integer(text == "-0" ? "0" : text) }
        guard let number = Double(text), number.isFinite else { throw NotJSON() }
        return .number(number)
    }

    private mutating func digits() -> Int {
        let start = position
        while let byte = next, (48...57).contains(byte) { position += 1 }
        return position - start
    }

    private mutating func string() throws(NotJSON) -> String {
        position += 1
        var text: [UInt8] = []
        while let byte = next {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let valid = String(validating: text, as: UTF8.self) else { throw NotJSON() }
                return valid
            case UInt8(ascii: "\\"): text += try escape()
            case 0..<0x20: throw NotJSON()
            default: text.append(byte)
            }
        }
        throw NotJSON()
    }

    private mutating func escape() throws(NotJSON) -> [UInt8] {
        guard let byte = next else { throw NotJSON() }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): break
        default: throw NotJSON()
        }
        var units = [try codeUnit()]
        // A second escape belongs to the first when the two are a surrogate pair.
        if UTF16.isLeadSurrogate(units[0]), bytes[position...].starts(with: "\\u".utf8) {
            let start = position
            position += 2
            let second = try codeUnit()
            if UTF16.isTrailSurrogate(second) { units.append(second) } else { position = start }
        }
        guard units.count == 2 || !UTF16.isSurrogate(units[0]) || repairsSurrogates else { throw NotJSON() }
        return Array(String(decoding: units, as: UTF16.self).utf8)
    }

    private mutating func codeUnit() throws(NotJSON) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(UnicodeScalar(byte)).hexDigitValue else { throw NotJSON() }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = next, Self.isSpace(byte) { position += 1 }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0A).contains(byte) || byte == 0x0D }

    private static func isStart(_ byte: UInt8) -> Bool {
        "{[\"tfn-0123456789".utf8.contains(byte)
    }
}
