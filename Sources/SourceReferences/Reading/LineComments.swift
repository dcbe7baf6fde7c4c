/// The comments that belong to a line.
struct LineComments {
    /// Where comments may be.
    enum Syntax {
        /// After the value, and in lines of their own: YAML and lists.
        case trailing
        /// In lines of their own alone, which begin with one of these.
        case ownLines(StaticString)
        /// Nowhere: JSON.
        case none
    }

    let bytes: [UInt8]
    let lines: LineTable
    let syntax: Syntax

    /// The rules that comments turn off for what begins at `start` and ends at `end`.
    func ignored(from start: Int, to end: Int) -> IgnoredRules {
        var found: [IgnoredRules] = []
        if case .trailing = syntax, let comment = trailing(after: end) { found.append(Self.rules(in: bytes[comment])) }
        let line = lines.index(of: start)
        if line > 0, let comment = alone(on: line - 1) { found.append(Self.rules(in: bytes[comment])) }
        return found.reduce(.none, Self.joined)
    }

    /// The comment that follows `offset` on its line, from its `#` on.
    func trailing(after offset: Int) -> Range<Int>? {
        let end = lines.content(lines.index(of: offset)).upperBound
        var position = offset
        var quote: UInt8?
        while position < end {
            let byte = bytes[position]
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: "#"), position > 0,
                bytes[position - 1] == 0x20 || bytes[position - 1] == 0x09
            {
                return position..<end
            }
            position += 1
        }
        return nil
    }

    /// The comment that a line is, if it is nothing else.
    func alone(on line: Int) -> Range<Int>? {
        let content = lines.content(line)
        guard let start = bytes[content].firstIndex(where: { $0 != 0x20 && $0 != 0x09 }) else { return nil }
        let isComment: Bool =
            switch syntax {
            case .trailing: bytes[start] == UInt8(ascii: "#")
            case .ownLines(let characters): characters.withUTF8Buffer { $0.contains(bytes[start]) }
            case .none: false
            }
        return isComment ? start..<content.upperBound : nil
    }

    /// The rules that a comment turns off. `ratchet:exclude` is what another program has for it.
    static func rules(in comment: ArraySlice<UInt8>) -> IgnoredRules {
        let words = String(decoding: comment, as: UTF8.self)
            .split { $0 == " " || $0 == "\t" || $0 == "," || $0 == "#" || $0 == ";" }
        if words.contains("ratchet:exclude") { return .all }
        guard let position = words.firstIndex(of: "kbld:ignore") else { return .none }
        let rules = words[(position + 1)...].prefix { word in
            word.hasPrefix("KBLD") && word.utf8.count > 4
                && word.utf8.dropFirst(4).allSatisfy { (48...57).contains($0) }
        }
        return rules.isEmpty ? .all : .rules(Set(rules.map(String.init)))
    }

    private static func joined(_ first: IgnoredRules, _ second: IgnoredRules) -> IgnoredRules {
        switch (first, second) {
        case (.none, let other), (let other, .none): other
        case (.rules(let first), .rules(let second)): .rules(first.union(second))
        default: .all
        }
    }
}
