/// libyaml's block emitter, for the values that there are here.
struct BlockEmitter {
    var bytes: [UInt8] = []
    /// The column, in characters.
    var column = 0
    /// Whether the last thing written was white space.
    var isAfterWhitespace = true
    /// Whether nothing but indentation and indicators stands in the line.
    var isInIndentation = true
    /// The indentation of what is being written; -1 outside of everything.
    private var indent = -1

    static let bestWidth = 80
    static let step = 2

    /// Where a value stands.
    enum Place { case root, item, key, value }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Writes `value` as a document.
    mutating func emit(_ value: YAMLValue) {
        emit(value, at: .root)
        writeIndent(0)
        if bytes.last != UInt8(ascii: "\n") { bytes.append(UInt8(ascii: "\n")) }
    }

    private mutating func emit(_ value: YAMLValue, at place: Place) {
        switch value {
        case .null: writeWord("null")
        case .bool(let flag): writeWord(flag ? "true" : "false")
        case .integer(let digits): writeWord(digits)
        case .float(let number): writeWord(FloatText.goText(of: number))
        case .string(let string): writeString(string, isSimpleKey: false)
        case .list(let items):
            if items.isEmpty { writeWord("[]") } else { emit(items, isInMap: place == .value || place == .key) }
        case .map(let entries):
            if entries.isEmpty { writeWord("{}") } else { emit(entries) }
        }
    }

    private mutating func emit(_ items: [YAMLValue], isInMap: Bool) {
        let outer = indent
        increaseIndent(isIndentless: isInMap && !isInIndentation)
        for item in items {
            writeIndent(indent)
            writeIndicator("-", needsSpace: true, isIndentation: true)
            emit(item, at: .item)
        }
        indent = outer
    }

    private mutating func emit(_ entries: [String: YAMLValue]) {
        let outer = indent
        increaseIndent(isIndentless: false)
        for key in entries.keys.sorted(by: KeyOrder.precedes) {
            writeIndent(indent)
            if Self.isSimple(key) {
                writeString(key, isSimpleKey: true)
                writeIndicator(":", needsSpace: false, isIndentation: false)
            } else {
                writeIndicator("?", needsSpace: true, isIndentation: true)
                writeString(key, isSimpleKey: false)
                writeIndent(indent)
                writeIndicator(":", needsSpace: true, isIndentation: true)
            }
            emit(entries[key] ?? .null, at: .value)
        }
        indent = outer
    }

    /// Whether a key can stand in one line before its colon.
    private static func isSimple(_ key: String) -> Bool {
        key.utf8.count <= 128 && !key.utf8.contains(0x0A)
    }

    private mutating func increaseIndent(isIndentless: Bool) {
        if indent < 0 { indent = 0 } else if !isIndentless { indent += Self.step }
    }

    /// Writes a string in the first form that keeps it: plain, quoted, or a literal block.
    private mutating func writeString(_ string: String, isSimpleKey: Bool) {
        var string = string
        let mustQuote = Self.looksLikeSomethingElse(string)
        let scalarIndent = indent < 0 ? Self.step : indent + Self.step
        string.withUTF8 { text in
            let analysis = ScalarAnalysis(text)
            if analysis.isMultiline {
                guard analysis.allowsBlock, !isSimpleKey else {
                    return writeDoubleQuoted(text, indent: scalarIndent, folds: !isSimpleKey)
                }
                writeLiteral(text, indent: scalarIndent)
            } else if mustQuote {
                writeDoubleQuoted(text, indent: scalarIndent, folds: !isSimpleKey)
            } else if analysis.allowsPlain {
                writePlain(text, indent: scalarIndent, folds: !isSimpleKey)
            } else if analysis.allowsSingleQuotes {
                writeSingleQuoted(text, indent: scalarIndent, folds: !isSimpleKey)
            } else {
                writeDoubleQuoted(text, indent: scalarIndent, folds: !isSimpleKey)
            }
        }
    }

    private static func looksLikeSomethingElse(_ string: String) -> Bool {
        ScalarResolver.resolve(string) != .text || isSexagesimal(string)
    }

    /// `[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?`: a number to base 60 in YAML 1.1.
    private static func isSexagesimal(_ string: String) -> Bool {
        guard let first = string.utf8.first, first == 43 || first == 45 || (48...57).contains(first),
            string.utf8.contains(UInt8(ascii: ":"))
        else { return false }
        let unsigned = first == 43 || first == 45 ? string.dropFirst() : string[...]
        let parts = unsigned.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count > 1, parts[0].utf8.first.map({ (48...57).contains($0) }) == true,
            parts[0].utf8.allSatisfy({ (48...57).contains($0) || $0 == 95 })
        else { return false }
        for (position, part) in parts.dropFirst().enumerated() {
            var digits = part.utf8[...]
            if position == parts.count - 2, let point = digits.firstIndex(of: UInt8(ascii: ".")) {
                guard digits[point...].dropFirst().allSatisfy({ (48...57).contains($0) || $0 == 95 }) else {
                    return false
                }
                digits = digits[..<point]
            }
            guard (1...2).contains(digits.count), digits.allSatisfy({ (48...57).contains($0) }),
                digits.count == 1 || digits.first.map({ $0 <= 53 }) == true
            else { return false }
        }
        return true
    }
}
