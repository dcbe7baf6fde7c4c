/// The types of scalars: YAML 1.1 as Go's yaml.v2 has it.
enum ScalarResolver {
    struct Refusal: Error {
        let reason: YAMLError.Reason
    }

    /// What a plain text is taken for.
    enum Resolution: Equatable {
        case null
        case bool(Bool)
        case integer(String)
        case float(Double)
        case notFinite
        case merge
        case timestamp
        /// Text here and for YAML 1.1, a number for some readers: `089`.
        case ambiguous
        case text
    }

    /// The value of a scalar.
    ///
    /// - Throws: `Refusal` for what JSON can't hold, or what isn't of its tag's type.
    static func value(of scalar: EventParser.Scalar) throws(Refusal) -> YAMLValue {
        let standard = "tag:yaml.org,2002:"
        guard let tag = scalar.tag else {
            return scalar.isPlain ? try value(of: resolve(scalar.text), scalar.text) : .string(scalar.text)
        }
        guard tag.hasPrefix(standard) else { return .string(scalar.text) }
        let kind = tag.dropFirst(standard.count)
        let resolution = resolve(scalar.text)
        switch (kind, resolution) {
        case ("str", _): return .string(scalar.text)
        case ("binary", _):
            guard let text = Base64.text(decoding: scalar.text) else {
                throw Refusal(reason: .badTag(tag: "!!binary", text: scalar.text))
            }
            return .string(text)
        case ("null", .null), ("bool", .bool), ("int", .integer), ("float", .float), ("float", .integer):
            return try value(of: resolution, scalar.text)
        case ("timestamp", .timestamp): return .string(scalar.text)
        case ("float", .notFinite): throw Refusal(reason: .notFinite(scalar.text))
        case ("null", _), ("bool", _), ("int", _), ("float", _), ("timestamp", _):
            throw Refusal(reason: .badTag(tag: "!!\(kind)", text: scalar.text))
        default: return .string(scalar.text)
        }
    }

    private static func value(of resolution: Resolution, _ text: String) throws(Refusal) -> YAMLValue {
        switch resolution {
        case .null: return .null
        case .bool(let flag): return .bool(flag)
        case .integer(let digits): return .integer(digits)
        case .float(let number): return .number(number)
        case .notFinite: throw Refusal(reason: .notFinite(text))
        case .merge, .timestamp, .ambiguous, .text: return .string(text)
        }
    }

    private static let words: [String: Resolution] = {
        var words: [String: Resolution] = ["<<": .merge]
        for word in ["", "~", "null", "Null", "NULL"] { words[word] = .null }
        for word in ["y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"] {
            words[word] = .bool(true)
        }
        for word in ["n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"] {
            words[word] = .bool(false)
        }
        for word in ["nan", "NaN", "NAN"] { words["." + word] = .notFinite }
        for word in ["inf", "Inf", "INF"] {
            for sign in ["", "+", "-"] { words[sign + "." + word] = .notFinite }
        }
        return words
    }()

    /// What `text` is taken for when it stands without quotes and tag.
    static func resolve(_ text: String) -> Resolution {
        guard let first = text.utf8.first else { return .null }
        if text.utf8.count <= 5, let word = words[text] { return word }
        switch first {
        case UInt8(ascii: "."):
            return isDecimal(text.utf8) ? Double(text).map(finite) ?? .text : .text
        case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            if Timestamp.matches(text) { return .timestamp }
            return number(text)
        default: return .text
        }
    }

    private static func number(_ text: String) -> Resolution {
        var plain = Substring(text.utf8.contains(UInt8(ascii: "_")) ? text.replacing("_", with: "") : text)
        if let integer = integer(plain) { return integer }
        if isDecimal(plain.utf8) {
            if plain.first == "+" { plain = plain.dropFirst() }
            return Double(plain).map(finite) ?? .text
        }
        return .text
    }

    private static func finite(_ number: Double) -> Resolution { number.isFinite ? .float(number) : .text }

    /// Decimal, `0x`, `0o`, `0b`, or octal by a leading zero.
    private static func integer(_ text: Substring) -> Resolution? {
        var digits = text
        let isNegative = digits.first == "-"
        if isNegative || digits.first == "+" { digits = digits.dropFirst() }
        guard let first = digits.utf8.first, (48...57).contains(first) else { return nil }
        if digits.utf8.allSatisfy({ (48...57).contains($0) }), digits.count == 1 || first != UInt8(ascii: "0") {
            return .integer(isNegative && digits != "0" ? "-" + digits : String(digits))
        }
        guard first == UInt8(ascii: "0") else { return nil }
        let rest = digits.dropFirst()
        let value: UInt64? =
            switch rest.first {
            case "x", "X": unsigned(rest.dropFirst(), 16)
            case "o", "O": unsigned(rest.dropFirst(), 8)
            case "b", "B": unsigned(rest.dropFirst(), 2)
            default: unsigned(rest, 8)
            }
        guard let value else {
            return rest.utf8.allSatisfy { (48...57).contains($0) } ? .ambiguous : nil
        }
        guard isNegative, value != 0 else { return .integer(String(value)) }
        return value <= UInt64(1) << 63 ? .integer("-\(value)") : nil
    }

    private static func unsigned(_ digits: Substring, _ radix: Int) -> UInt64? {
        guard let first = digits.first, first != "+", first != "-" else { return nil }
        return UInt64(digits, radix: radix)
    }

    /// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
    private static func isDecimal(_ text: some BidirectionalCollection<UInt8>) -> Bool {
        var rest = Array(text)[...]
        func digits(_ rest: inout ArraySlice<UInt8>) -> Int {
            let start = rest.startIndex
            rest = rest.drop { (48...57).contains($0) }
            return rest.startIndex - start
        }
        func take(_ characters: String, _ rest: inout ArraySlice<UInt8>) -> Bool {
            guard let first = rest.first, characters.utf8.contains(first) else { return false }
            rest = rest.dropFirst()
            return true
        }
        _ = take("+-", &rest)
        if digits(&rest) > 0 {
            if take(".", &rest) { _ = digits(&rest) }
        } else {
            guard take(".", &rest), digits(&rest) > 0 else { return false }
        }
        if take("eE", &rest) {
            _ = take("+-", &rest)
            guard digits(&rest) > 0 else { return false }
        }
        return rest.isEmpty
    }
}
