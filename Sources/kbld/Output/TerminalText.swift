/// Untrusted text, made safe for a line on a terminal.
///
/// Names in packages, registries' answers and documents may hold what steers a terminal, ends a line or turns the direction of
/// writing. It is written out, so that nobody is shown anything else than what is there.
enum TerminalText {
    /// The text with such characters escaped as `\x1b`, `\n`, `\u202e`. Tabs stay.
    static func line(_ text: String) -> String {
        escaped(text) { scalar in
            switch scalar {
            case "\n": return "\\n"
            case "\r": return "\\r"
            default:
                return scalar.value < 0x100 ? "\\x" + digits(scalar, 2) : "\\u" + digits(scalar, 4)
            }
        }
    }

    /// JSON without such characters in its texts; the line breaks between its parts stay.
    static func json(_ text: String) -> String {
        escaped(text) { scalar in scalar == "\n" ? "\n" : "\\u" + digits(scalar, 4) }
    }

    /// Whether bytes hold nothing that steers a terminal; they may be part of a text, with line breaks.
    static func isPlain(_ bytes: some Sequence<UInt8>) -> Bool {
        var last: UInt8 = 0
        return bytes.allSatisfy { byte in
            defer { last = byte }
            switch byte {
            case 0x09, 0x0A, 0x0D: return true
            case 0..<0x20, 0x7F: return false
            // The second half of a control character in UTF-8.
            case 0x80..<0xA0: return last != 0xC2
            default: return true
            }
        }
    }

    private static func escaped(_ text: String, _ escape: (Unicode.Scalar) -> String) -> String {
        guard text.utf8.contains(where: { !(0x20..<0x7F).contains($0) && $0 != 0x09 }) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if isHarmful(scalar) { result += escape(scalar) } else { result.unicodeScalars.append(scalar) }
        }
        return result
    }

    private static func digits(_ scalar: Unicode.Scalar, _ count: Int) -> String {
        let text = String(scalar.value, radix: 16)
        return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }

    private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09: false
        case 0..<0x20, 0x7F..<0xA0: true
        // Line separators, and marks, embeddings, overrides and isolates of direction.
        case 0x2028, 0x2029, 0x061C, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
