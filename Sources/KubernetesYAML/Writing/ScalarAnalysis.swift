/// What forms a text can be written in: libyaml's analysis as Go's yaml.v2 has it.
struct ScalarAnalysis {
    /// Whether it has a line feed.
    private(set) var isMultiline = false
    /// Whether it has a line break of YAML 1.1: those of Unicode as well.
    private(set) var hasBreak = false
    private(set) var hasSpace = false
    private(set) var isASCII = true
    private(set) var allowsPlain = true
    private(set) var allowsSingleQuotes = true
    private(set) var allowsBlock = true

    init(_ text: UnsafeBufferPointer<UInt8>) {
        guard let first = text.first, let last = text.last else {
            allowsBlock = false
            return
        }
        var marks = Self.begins(text, with: UInt8(ascii: "-")) || Self.begins(text, with: UInt8(ascii: "."))
        marks = marks || Self.isFirstMark(first)
        if text.count == 1 || text[1] == 0x20 || text[1] == 0x09 {
            marks = marks || first == UInt8(ascii: "?") || first == UInt8(ascii: ":") || first == UInt8(ascii: "-")
        }
        var special = false
        var (breakSpace, spaceBreak) = (false, false)
        var position = 0
        while position < text.count {
            let byte = text[position]
            switch byte {
            case 0x20:
                hasSpace = true
                if position > 0, text[position - 1] == 0x0A { breakSpace = true }
            case 0x0A:
                isMultiline = true
                if position > 0, text[position - 1] == 0x20 { spaceBreak = true }
            case UInt8(ascii: ":"):
                if position + 1 == text.count || text[position + 1] == 0x20 || text[position + 1] == 0x09 {
                    marks = true
                }
            case UInt8(ascii: "#"):
                if position > 0, text[position - 1] == 0x20 || text[position - 1] == 0x0A { marks = true }
            case 0x21...0x7E: break
            default:
                if byte >= 0x80 { isASCII = false }
                if byte & 0xC0 != 0x80, !Self.isPrintable(text, position) { special = true }
                if Self.isOtherBreak(text, position) { hasBreak = true }
            }
            position += 1
        }
        hasBreak = hasBreak || isMultiline
        let isPadded = first == 0x20 || first == 0x0A || last == 0x20 || last == 0x0A
        allowsPlain = !(isPadded || breakSpace || spaceBreak || special || isMultiline || marks)
        allowsSingleQuotes = !(breakSpace || spaceBreak || special)
        allowsBlock = !(last == 0x20 || spaceBreak || special)
    }

    private static func begins(_ text: UnsafeBufferPointer<UInt8>, with mark: UInt8) -> Bool {
        text.count >= 3 && text[0] == mark && text[1] == mark && text[2] == mark
    }

    private static func isFirstMark(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "#"), UInt8(ascii: ","), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"),
            UInt8(ascii: "}"), UInt8(ascii: "&"), UInt8(ascii: "*"), UInt8(ascii: "!"), UInt8(ascii: "|"),
            UInt8(ascii: ">"), UInt8(ascii: "'"), UInt8(ascii: "\""), UInt8(ascii: "%"), UInt8(ascii: "@"),
            UInt8(ascii: "`"):
            true
        default: false
        }
    }

    static func width(of byte: UInt8) -> Int {
        byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
    }

    private static func at(_ text: UnsafeBufferPointer<UInt8>, _ position: Int) -> UInt8 {
        position < text.count ? text[position] : 0
    }

    /// Whether a character needs no escape. Unicode's line separators do: some readers take them for line
    /// breaks, so they are escaped to come back as they went in.
    static func isPrintable(_ text: UnsafeBufferPointer<UInt8>, _ position: Int) -> Bool {
        let byte = text[position]
        if isOtherBreak(text, position) { return false }
        switch byte {
        case 0x20...0x7E: return true
        case 0x0A: return true
        case 0xC2: return at(text, position + 1) >= 0xA0
        case 0xC3..<0xED, 0xEE: return true
        case 0xED: return at(text, position + 1) < 0xA0
        case 0xEF:
            let (second, third) = (at(text, position + 1), at(text, position + 2))
            return !(second == 0xBB && third == 0xBF) && !(second == 0xBF && third >= 0xBE)
        default: return false
        }
    }

    /// Whether a character is a line break of YAML 1.1 other than the line feed.
    private static func isOtherBreak(_ text: UnsafeBufferPointer<UInt8>, _ position: Int) -> Bool {
        switch text[position] {
        case 0x0D: return true
        case 0xC2: return at(text, position + 1) == 0x85
        case 0xE2:
            let third = at(text, position + 2)
            return at(text, position + 1) == 0x80 && (third == 0xA8 || third == 0xA9)
        default: return false
        }
    }
}
