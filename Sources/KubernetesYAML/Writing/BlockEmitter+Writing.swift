/// Characters, indentation, and the five forms of scalars.
extension BlockEmitter {
    mutating func writeIndent(_ indent: Int) {
        if !isInIndentation || column > indent || (column == indent && !isAfterWhitespace) { putBreak() }
        while column < indent {
            bytes.append(0x20)
            column += 1
        }
        isAfterWhitespace = true
        isInIndentation = true
    }

    mutating func writeIndicator(_ indicator: Unicode.Scalar, needsSpace: Bool, isIndentation: Bool) {
        if needsSpace, !isAfterWhitespace { put(0x20) }
        put(UInt8(ascii: indicator))
        isAfterWhitespace = false
        isInIndentation = isInIndentation && isIndentation
    }

    mutating func writeWord(_ word: String) {
        if !isAfterWhitespace { put(0x20) }
        bytes += word.utf8
        column += word.utf8.count
        isAfterWhitespace = false
        isInIndentation = false
    }

    mutating func writePlain(
        _ text: UnsafeBufferPointer<UInt8>,
        _ analysis: ScalarAnalysis,
        indent: Int,
        folds: Bool
    ) {
        if !isAfterWhitespace { put(0x20) }
        if analysis.isASCII, !folds || !analysis.hasSpace || column + text.count <= Self.bestWidth {
            bytes.append(contentsOf: text)
            column += text.count
        } else {
            writeFolding(text, indent: indent, folds: folds, escapesQuotes: false, firstFold: 0)
        }
        isAfterWhitespace = false
        isInIndentation = false
    }

    mutating func writeSingleQuoted(_ text: UnsafeBufferPointer<UInt8>, indent: Int, folds: Bool) {
        writeIndicator("'", needsSpace: true, isIndentation: false)
        writeFolding(text, indent: indent, folds: folds, escapesQuotes: true, firstFold: 1)
        writeIndicator("'", needsSpace: false, isIndentation: false)
    }

    /// Text whose line may end at a single space once it is over the best width.
    private mutating func writeFolding(
        _ text: UnsafeBufferPointer<UInt8>,
        indent: Int,
        folds: Bool,
        escapesQuotes: Bool,
        firstFold: Int
    ) {
        var isAfterSpace = false
        for (position, byte) in text.enumerated() {
            if byte == 0x20 {
                let isLast = position + 1 >= text.count
                let mayFold = folds && !isAfterSpace && column > Self.bestWidth && position >= firstFold
                if mayFold, !isLast, text[position + 1] != 0x20 {
                    writeIndent(indent)
                } else {
                    put(byte)
                }
                isAfterSpace = true
            } else {
                if escapesQuotes, byte == UInt8(ascii: "'") { put(byte) }
                put(byte)
                isInIndentation = false
                isAfterSpace = false
            }
        }
    }

    mutating func writeDoubleQuoted(_ text: UnsafeBufferPointer<UInt8>, indent: Int, folds: Bool) {
        writeIndicator("\"", needsSpace: true, isIndentation: false)
        // yaml.v2 looks for a byte order mark at the text's start whichever character it is about to write.
        let escapesAll = text.starts(with: [0xEF, 0xBB, 0xBF])
        var isAfterSpace = false
        var position = 0
        while position < text.count {
            let byte = text[position]
            let width = ScalarAnalysis.width(of: byte)
            if byte == 0x20, !escapesAll {
                let isInside = position > 0 && position + 1 < text.count
                if folds, !isAfterSpace, column > Self.bestWidth, isInside {
                    writeIndent(indent)
                    if text[position + 1] == 0x20 { put(UInt8(ascii: "\\")) }
                } else {
                    put(byte)
                }
                isAfterSpace = true
            } else {
                let isSpecial = byte == 0x0A || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
                if escapesAll || isSpecial || !ScalarAnalysis.isPrintable(text, position) {
                    writeEscape(text, position, width)
                } else {
                    for offset in 0..<width where position + offset < text.count { put(text[position + offset]) }
                }
                isAfterSpace = false
            }
            position += width
        }
        writeIndicator("\"", needsSpace: false, isIndentation: false)
    }

    private mutating func writeEscape(_ text: UnsafeBufferPointer<UInt8>, _ position: Int, _ width: Int) {
        let character = UnsafeBufferPointer(rebasing: text[position..<min(position + width, text.count)])
        let scalar = String(decoding: character, as: UTF8.self).unicodeScalars.first ?? "\u{FFFD}"
        let escape: String
        switch scalar {
        case "\u{0}": escape = "0"
        case "\u{7}": escape = "a"
        case "\u{8}": escape = "b"
        case "\t": escape = "t"
        case "\n": escape = "n"
        case "\u{B}": escape = "v"
        case "\u{C}": escape = "f"
        case "\r": escape = "r"
        case "\u{1B}": escape = "e"
        case "\"": escape = "\""
        case "\\": escape = "\\"
        case "\u{85}": escape = "N"
        case "\u{A0}": escape = "_"
        case "\u{2028}": escape = "L"
        case "\u{2029}": escape = "P"
        default:
            let digits = String(scalar.value, radix: 16, uppercase: true)
            let (letter, count) = scalar.value <= 0xFF ? ("x", 2) : scalar.value <= 0xFFFF ? ("u", 4) : ("U", 8)
            escape = letter + String(repeating: "0", count: count - digits.count) + digits
        }
        put(UInt8(ascii: "\\"))
        for byte in escape.utf8 { put(byte) }
    }

    mutating func writeLiteral(_ text: UnsafeBufferPointer<UInt8>, indent: Int) {
        writeIndicator("|", needsSpace: true, isIndentation: false)
        // A first line that begins with a space or is empty hides how far the block is indented.
        if let first = text.first, first == 0x20 || first == 0x0A { put(UInt8(ascii: "0") + UInt8(Self.step)) }
        if text.last != 0x0A {
            put(UInt8(ascii: "-"))
        } else if text.count == 1 || text[text.count - 2] == 0x0A {
            put(UInt8(ascii: "+"))
        }
        putBreak()
        isInIndentation = true
        isAfterWhitespace = true
        var isAfterBreak = true
        for byte in text {
            if byte == 0x0A {
                putBreak()
                isInIndentation = true
                isAfterBreak = true
            } else {
                if isAfterBreak { writeIndent(indent) }
                put(byte)
                isInIndentation = false
                isAfterBreak = false
            }
        }
    }

    mutating func put(_ byte: UInt8) {
        bytes.append(byte)
        // Continuation bytes belong to a character that is counted already.
        if byte & 0xC0 != 0x80 { column += 1 }
    }

    mutating func putBreak() {
        bytes.append(0x0A)
        column = 0
    }
}
