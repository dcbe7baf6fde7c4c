/// The instructions of a Dockerfile, as BuildKit puts lines together.
struct DockerfileLines {
    /// An instruction without line breaks and comments, and where each of its bytes is in the file.
    struct Instruction {
        var text: [UInt8] = []
        var offsets: [Int] = []
        /// Where its first line begins.
        var start = 0

        /// The words from the one that begins at `position` on, as ranges of `text`.
        func words(from position: Int = 0) -> [Range<Int>] {
            var words: [Range<Int>] = []
            var start: Int?
            for (index, byte) in text.enumerated() where index >= position {
                let isSpace = byte == 0x20 || byte == 0x09
                if isSpace, let begun = start {
                    words.append(begun..<index)
                    start = nil
                } else if !isSpace, start == nil {
                    start = index
                }
            }
            if let start { words.append(start..<text.count) }
            return words
        }

        func string(_ range: Range<Int>) -> String { String(decoding: text[range], as: UTF8.self) }

        /// The file's bytes of a part of the text; nil where a line ends within it.
        func fileRange(_ range: Range<Int>) -> Range<Int>? {
            guard let first = range.first, let last = range.last else { return nil }
            let (start, end) = (offsets[first], offsets[last] + 1)
            return end - start == range.count ? start..<end : nil
        }
    }

    private(set) var instructions: [Instruction] = []
    /// What the first lines say to the parser: `syntax`, `escape`, with the bytes of their values.
    private(set) var directives: [(name: String, value: Range<Int>)] = []

    init(_ bytes: [UInt8], _ lines: LineTable) {
        var line = readDirectives(bytes, lines)
        let escape = directives.last { $0.name == "escape" }.flatMap { bytes[$0.value].first } ?? UInt8(ascii: "\\")
        while line < lines.count {
            let content = lines.content(line)
            let start = bytes[content].firstIndex { $0 != 0x20 && $0 != 0x09 }
            guard let start, bytes[start] != UInt8(ascii: "#") else {
                line += 1
                continue
            }
            var instruction = Instruction(start: content.lowerBound)
            var part = start..<content.upperBound
            while true {
                line += 1
                let continued = Self.withoutEscape(bytes, part, escape)
                instruction.text += bytes[continued ?? part]
                instruction.offsets += Array(continued ?? part)
                guard continued != nil else { break }
                // Comments and empty lines within an instruction don't end it.
                while line < lines.count, Self.isPassedOver(bytes[lines.content(line)]) { line += 1 }
                guard line < lines.count else { break }
                part = lines.content(line)
            }
            for (end, removesTabs) in Self.heredocs(in: instruction) {
                while line < lines.count {
                    var text = bytes[lines.content(line)]
                    if removesTabs { text = text.drop { $0 == 0x09 } }
                    line += 1
                    if text.elementsEqual(end.utf8) { break }
                }
            }
            instructions.append(instruction)
        }
    }

    /// Reads the lines at the top that are directives, and returns the number of the first that is none.
    private mutating func readDirectives(_ bytes: [UInt8], _ lines: LineTable) -> Int {
        var line = 0
        while line < lines.count {
            let content = lines.content(line)
            let text = bytes[content].drop { $0 == 0x20 || $0 == 0x09 }
            guard text.first == UInt8(ascii: "#"), let equals = text.firstIndex(of: UInt8(ascii: "=")) else { break }
            let name = String(decoding: text[(text.startIndex + 1)..<equals], as: UTF8.self)
                .split { $0 == " " || $0 == "\t" }
            guard name.count == 1, let name = name.first?.lowercased(), ["syntax", "escape", "check"].contains(name)
            else {
                break
            }
            let value = bytes[(equals + 1)..<content.upperBound].drop { $0 == 0x20 || $0 == 0x09 }
            var end = value.lastIndex { $0 != 0x20 && $0 != 0x09 }.map { $0 + 1 } ?? value.startIndex
            // Of a syntax the first word counts.
            if name == "syntax", let space = value[..<end].firstIndex(where: { $0 == 0x20 || $0 == 0x09 }) {
                end = space
            }
            directives.append((name, value.startIndex..<end))
            line += 1
        }
        return line
    }

    /// A part of a line without the escape at its end that joins it to the next; nil where there is none.
    private static func withoutEscape(_ bytes: [UInt8], _ part: Range<Int>, _ escape: UInt8) -> Range<Int>? {
        // Two of them are one that is meant, and don't join lines.
        guard let last = bytes[part].lastIndex(where: { $0 != 0x20 && $0 != 0x09 }), bytes[last] == escape,
            last == part.lowerBound || bytes[last - 1] != escape
        else { return nil }
        return part.lowerBound..<last
    }

    private static func isPassedOver(_ line: ArraySlice<UInt8>) -> Bool {
        let first = line.first { $0 != 0x20 && $0 != 0x09 }
        return first == nil || first == UInt8(ascii: "#")
    }

    /// The words of an instruction as a shell parts them, with their quotes; none of one in JSON's form.
    private static func shellWords(in instruction: Instruction) -> [String] {
        let first = instruction.words().map(instruction.string).first { word in
            !word.hasPrefix("--") && !["RUN", "COPY", "ADD", "ONBUILD"].contains(word.uppercased())
        }
        if first?.hasPrefix("[") == true { return [] }
        var words: [[UInt8]] = [[]]
        var quote: UInt8?
        var isEscaped = false
        for byte in instruction.text {
            if isEscaped {
                isEscaped = false
            } else if byte == UInt8(ascii: "\\"), quote != UInt8(ascii: "'") {
                isEscaped = true
            } else if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == 0x20 || byte == 0x09 {
                words.append([])
                continue
            }
            words[words.count - 1].append(byte)
        }
        return words.map { String(decoding: $0, as: UTF8.self) }
    }

    /// The lines that end the texts after an instruction, and whether tabs before them don't count.
    private static func heredocs(in instruction: Instruction) -> [(end: String, removesTabs: Bool)] {
        let words = instruction.words().map(instruction.string)
        guard let keyword = words.first?.uppercased() else { return [] }
        let isOne = ["RUN", "COPY", "ADD"].contains(
            keyword == "ONBUILD" ? words.dropFirst().first?.uppercased() : keyword
        )
        guard isOne else { return [] }
        return shellWords(in: instruction).compactMap { word in
            let rest = word.drop { $0.isNumber }
            guard rest.hasPrefix("<<"), !rest.hasPrefix("<<<") else { return nil }
            var name = rest.dropFirst(2)
            let removesTabs = name.hasPrefix("-")
            if removesTabs { name = name.dropFirst() }
            // What follows the word in a shell's line is none of it.
            name = name.prefix { !";|&<>()".contains($0) }
            let end = name.filter { $0 != "\"" && $0 != "'" }
            return end.isEmpty ? nil : (end, removesTabs)
        }
    }
}
