/// Writes JSON as Go's encoding/json does by default.
public enum JSONWriter {
    /// The value without white space, keys in the order of their bytes; `<`, `>`, `&`, U+2028 and U+2029 escaped.
    public static func compactText(of value: YAMLValue) -> String {
        var text: [UInt8] = []
        write(value, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    private static func write(_ value: YAMLValue, to text: inout [UInt8]) {
        switch value {
        case .null: text += "null".utf8
        case .bool(let flag): text += (flag ? "true" : "false").utf8
        case .integer(let digits): text += digits.utf8
        case .float(let number): text += FloatText.jsonText(of: number).utf8
        case .string(let string): write(string, to: &text)
        case .list(let items):
            text.append(UInt8(ascii: "["))
            for (position, item) in items.enumerated() {
                if position > 0 { text.append(UInt8(ascii: ",")) }
                write(item, to: &text)
            }
            text.append(UInt8(ascii: "]"))
        case .map(let entries):
            text.append(UInt8(ascii: "{"))
            for (position, entry) in entries.enumerated() {
                if position > 0 { text.append(UInt8(ascii: ",")) }
                write(entry.key, to: &text)
                text.append(UInt8(ascii: ":"))
                write(entry.value, to: &text)
            }
            text.append(UInt8(ascii: "}"))
        }
    }

    private static func write(_ string: String, to text: inout [UInt8]) {
        text.append(UInt8(ascii: "\""))
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\"".utf8
            case "\\": text += "\\\\".utf8
            case "\n": text += "\\n".utf8
            case "\r": text += "\\r".utf8
            case "\t": text += "\\t".utf8
            case "\u{8}": text += "\\b".utf8
            case "\u{C}": text += "\\f".utf8
            case "\u{0}"..<"\u{20}", "<", ">", "&", "\u{2028}", "\u{2029}":
                let digits = String(scalar.value, radix: 16)
                text += "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".utf8
            default: text += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
            }
        }
        text.append(UInt8(ascii: "\""))
    }
}
