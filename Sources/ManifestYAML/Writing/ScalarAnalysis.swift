/// What forms a text can be written in: libyaml's analysis as Go's yaml.v2 has it.
struct ScalarAnalysis {
    private(set) var isMultiline = false
    private(set) var allowsPlain = true
    private(set) var allowsSingleQuotes = true
    private(set) var allowsBlock = true

    init(_ text: UnsafeBufferPointer<UInt8>) {
        guard let first = text.first else {
            allowsBlock = false
            return
        }
        var marks = text.starts(with: "---".utf8) || text.starts(with: "...".utf8)
        var special = false
        var (breakSpace, spaceBreak) = (false, false)
        var (afterSpace, afterBreak, afterBlank) = (false, false, true)
        var position = 0
        while position < text.count {
            let byte = text[position]
            let width = Self.width(of: byte)
            let next = position + width
            let beforeBlank = next >= text.count || text[next] == 0x20 || text[next] == 0x09 || text[next] == 0x0A
            if position == 0 {
                if Self.firstMarks.contains(byte) { marks = true }
                if "?:-".utf8.contains(byte), beforeBlank { marks = true }
            } else if byte == UInt8(ascii: ":") {
                if beforeBlank { marks = true }
            } else if byte == UInt8(ascii: "#") {
                if afterBlank { marks = true }
            }
            if byte == 0x20 {
                if afterBreak { breakSpace = true }
                (afterSpace, afterBreak) = (true, false)
            } else if byte == 0x0A {
                isMultiline = true
                if afterSpace { spaceBreak = true }
                (afterSpace, afterBreak) = (false, true)
            } else {
                if !Self.isPrintable(text, position) { special = true }
                (afterSpace, afterBreak) = (false, false)
            }
            afterBlank = byte == 0x20 || byte == 0x09 || byte == 0x0A
            position = next
        }
        let last = text[text.count - 1]
        let isPadded = first == 0x20 || first == 0x0A || last == 0x20 || last == 0x0A
        let isBlockless = last == 0x20
        allowsPlain = !(isPadded || breakSpace || spaceBreak || special || isMultiline || marks)
        allowsSingleQuotes = !(breakSpace || spaceBreak || special)
        allowsBlock = !(isBlockless || spaceBreak || special)
    }

    private static let firstMarks = Set("#,[]{}&*!|>'\"%@`".utf8)

    static func width(of byte: UInt8) -> Int {
        byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
    }

    /// Whether a character can stand as it is. The line separators of Unicode can't: some readers take them for line
    /// breaks, so they are escaped to come back as they went in.
    static func isPrintable(_ text: UnsafeBufferPointer<UInt8>, _ position: Int) -> Bool {
        let byte = text[position]
        func at(_ offset: Int) -> UInt8 { position + offset < text.count ? text[position + offset] : 0 }
        switch byte {
        case 0x20...0x7E: return true
        case 0x0A: return true
        case 0xC2: return at(1) >= 0xA0
        case 0xE2 where at(1) == 0x80 && (at(2) == 0xA8 || at(2) == 0xA9): return false
        case 0xC3..<0xED, 0xEE: return true
        case 0xED: return at(1) < 0xA0
        case 0xEF: return !(at(1) == 0xBB && at(2) == 0xBF) && !(at(1) == 0xBF && at(2) >= 0xBE)
        default: return false
        }
    }
}
