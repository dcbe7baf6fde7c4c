import ContainerImage

/// Words within a text that read like references: with a host, a path, and a tag or digest.
struct OverlookedWords {
    private let bytes: [UInt8]
    /// Whether a backslash and what is behind it are one character, which ends a word.
    private let hasEscapes: Bool

    init(_ bytes: [UInt8], hasEscapes: Bool = false) {
        self.bytes = bytes
        self.hasEscapes = hasEscapes
    }

    /// The bytes of each in the file.
    func ranges(in range: Range<Int>) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var start = range.lowerBound
        var position = range.lowerBound
        func end(_ end: Int) {
            if let word = reference(in: start..<end) { found.append(word) }
        }
        while position < range.upperBound {
            let byte = bytes[position]
            guard Self.separators.contains(byte) else {
                position += 1
                continue
            }
            end(position)
            position += hasEscapes && byte == UInt8(ascii: "\\") ? 2 : 1
            start = min(position, range.upperBound)
        }
        end(range.upperBound)
        return found
    }

    /// What words end at. Braces and percent signs don't: they tell that a text is put together.
    private static let separators = Set(" \t\r\n\"'`=,;|&\\".utf8)
    private static let openers = Set("([<{".utf8)
    private static let closers = Set(")]>}.:!?".utf8)
    private static let schemes: [[UInt8]] = ["docker://", "oci://", "docker-image://"].map { Array($0.utf8) }

    private func reference(in word: Range<Int>) -> Range<Int>? {
        var word = word
        while let first = bytes[word].first, Self.openers.contains(first) {
            word = (word.lowerBound + 1)..<word.upperBound
        }
        while let last = bytes[word].last, Self.closers.contains(last) {
            word = word.lowerBound..<(word.upperBound - 1)
        }
        if let scheme = Self.schemes.first(where: { bytes[word].starts(with: $0) }) {
            word = (word.lowerBound + scheme.count)..<word.upperBound
        }
        let content = bytes[word]
        guard (8...512).contains(word.count), let slash = content.firstIndex(of: UInt8(ascii: "/")),
            content[(slash + 1)...].contains(UInt8(ascii: ":")),
            !content.contains(where: { "${}%()".utf8.contains($0) }),
            content[..<slash].contains(where: { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":") })
                || content[..<slash].elementsEqual("localhost".utf8),
            let parsed = try? WrittenReference(String(decoding: content, as: UTF8.self)),
            parsed.tag != nil || parsed.digest != nil, !Self.isLineOfSource(parsed)
        else { return nil }
        return word
    }

    /// Whether it is a file with a line, as traces have them: `github.com/a/b/main.go:12`.
    private static func isLineOfSource(_ reference: WrittenReference) -> Bool {
        guard reference.digest == nil, let tag = reference.tag, tag.name.utf8.allSatisfy({ (48...57).contains($0) }),
            let file = reference.name.split(separator: "/").last, let dot = file.lastIndex(of: ".")
        else { return false }
        let ending = file[file.index(after: dot)...]
        return (1...4).contains(ending.utf8.count) && ending.utf8.allSatisfy { (97...122).contains($0) }
    }
}

extension ReferenceMaker {
    /// The words of a range of the file that could be references, in a place where none are looked for.
    func overlooked(in range: Range<Int>, hasEscapes: Bool = false, valueEnd: Int? = nil) -> [SourceReference] {
        OverlookedWords(bytes, hasEscapes: hasEscapes).ranges(in: range).map { word in
            reference(
                String(decoding: bytes[word], as: UTF8.self),
                at: word,
                place: "",
                slot: .none,
                refusal: "no rule looks for images here",
                valueEnd: valueEnd
            )
        }
    }
}
