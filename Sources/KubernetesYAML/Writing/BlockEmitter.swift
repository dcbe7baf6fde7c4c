/// libyaml's block emitter, for this program's values.
struct BlockEmitter {
    var bytes: [UInt8] = []
    /// The column, in characters.
    var column = 0
    /// Whether the last thing written was white space.
    var isAfterWhitespace = true
    /// Whether the line has only indentation and indicators.
    var isInIndentation = true
    /// The indentation of what is being written; -1 outside of everything.
    private var indent = -1

    static let bestWidth = 80
    static let step = 2

    /// The position of a value.
    enum Place { case root, item, key, value }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Writes `value` as a document.
    mutating func emit(_ value: YAMLValue) {
        (column, isAfterWhitespace, isInIndentation, indent) = (0, true, true, -1)
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
        case .string(var string):
            string.withUTF8 { text in write(text, ScalarAnalysis(text), in: .value) }
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

    private mutating func emit(_ entries: YAMLMap) {
        let outer = indent
        increaseIndent(isIndentless: false)
        // The order of bytes is the natural order, but for digits and a few marks.
        let isInOrder = zip(entries, entries.dropFirst()).allSatisfy { KeyOrder.precedes($0.key, $1.key) }
        if isInOrder {
            for entry in entries { emit(entry.key, entry.value) }
        } else {
            for entry in entries.sorted(by: { KeyOrder.precedes($0.key, $1.key) }) { emit(entry.key, entry.value) }
        }
        indent = outer
    }

    private mutating func emit(_ key: String, _ value: YAMLValue) {
        var key = key
        writeIndent(indent)
        key.withUTF8 { text in
            let analysis = ScalarAnalysis(text)
            // A multiline or long key needs the explicit form.
            if text.count <= 128, !analysis.hasBreak {
                write(text, analysis, in: .simpleKey)
                writeIndicator(":", needsSpace: false, isIndentation: false)
            } else {
                writeIndicator("?", needsSpace: true, isIndentation: true)
                write(text, analysis, in: .key)
                writeIndent(indent)
                writeIndicator(":", needsSpace: true, isIndentation: true)
            }
        }
        emit(value, at: .value)
    }

    private mutating func increaseIndent(isIndentless: Bool) {
        if indent < 0 { indent = 0 } else if !isIndentless { indent += Self.step }
    }

    /// What a text is.
    private enum Role { case value, key, simpleKey }

    /// Writes a text in the first form that keeps it: plain, quoted, or a literal block.
    private mutating func write(_ text: UnsafeBufferPointer<UInt8>, _ analysis: ScalarAnalysis, in role: Role) {
        let scalarIndent = indent < 0 ? Self.step : indent + Self.step
        let folds = role != .simpleKey
        if analysis.isMultiline, analysis.allowsBlock {
            writeLiteral(text, indent: scalarIndent)
        } else if analysis.isMultiline || Self.looksLikeSomethingElse(text, in: role) {
            writeDoubleQuoted(text, indent: scalarIndent, folds: folds)
        } else if analysis.allowsPlain {
            writePlain(text, analysis, indent: scalarIndent, folds: folds)
        } else if analysis.allowsSingleQuotes {
            writeSingleQuoted(text, indent: scalarIndent, folds: folds)
        } else {
            writeDoubleQuoted(text, indent: scalarIndent, folds: folds)
        }
    }

    private static func looksLikeSomethingElse(_ text: UnsafeBufferPointer<UInt8>, in role: Role) -> Bool {
        // As a key it would mean a merge.
        if role != .value, text.elementsEqual("<<".utf8) { return true }
        return PlainScalar.resolve(text) != .text || isSexagesimal(text)
    }

    /// `[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\.[0-9_]*)?`: a number to base 60 in YAML 1.1.
    private static func isSexagesimal(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = text.first, first == 43 || first == 45 || isDigit(first) else { return false }
        let parts = text[(isDigit(first) ? 0 : 1)...].split(separator: 58, omittingEmptySubsequences: false)
        guard parts.count > 1, let lead = parts[0].first, isDigit(lead), parts[0].allSatisfy(isDigitOrGroup) else {
            return false
        }
        for (position, part) in parts.dropFirst().enumerated() {
            var digits = part
            if position == parts.count - 2, let point = part.firstIndex(of: UInt8(ascii: ".")) {
                guard part[point...].dropFirst().allSatisfy(isDigitOrGroup) else { return false }
                digits = part[..<point]
            }
            guard let high = digits.first, digits.allSatisfy(isDigit),
                digits.count == 1 || digits.count == 2 && high <= 53
            else { return false }
        }
        return true
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
    private static func isDigitOrGroup(_ byte: UInt8) -> Bool { isDigit(byte) || byte == UInt8(ascii: "_") }
}
