/// Reads Dockerfiles: `FROM`, `COPY --from`, `RUN --mount`, `# syntax=`, and defaults of `ARG` that are used whole.
struct DockerfileReading {
    private typealias Instruction = DockerfileLines.Instruction

    private let maker: ReferenceMaker
    private let bytes: [UInt8]
    private let parsed: DockerfileLines
    private var result = SourceReading()
    /// The names of the stages so far, in small letters.
    private var stages: Set<String> = []
    private var stageCount = 0
    /// The arguments before the first stage, and their defaults.
    private var arguments: [String: (value: Range<Int>?, instruction: Int)] = [:]
    /// Arguments that are an image, and those that are a part of one.
    private var wholeArguments: [String] = []
    private var partArguments: Set<String> = []
    /// The instructions that have a place for a comment taken.
    private var commented: Set<Int> = []

    static func read(_ file: SourceFile) -> SourceReading {
        var reading = DockerfileReading(file)
        reading.readDirectives()
        for index in reading.parsed.instructions.indices { reading.read(index) }
        reading.addArguments()
        reading.result.references.sort { $0.range.lowerBound < $1.range.lowerBound }
        reading.result.skeleton = reading.skeleton()
        reading.result.overlooked = reading.overlooked()
        return reading.result
    }

    private init(_ file: SourceFile) {
        bytes = file.bytes
        maker = ReferenceMaker(file, .ownLines("#"))
        parsed = DockerfileLines(file.bytes, maker.lines)
    }

    private mutating func readDirectives() {
        guard let syntax = parsed.directives.first(where: { $0.name == "syntax" }), !syntax.value.isEmpty else {
            return
        }
        add(syntax.value, place: "# syntax", room: .none)
    }

    private mutating func read(_ index: Int) {
        let instruction = parsed.instructions[index]
        var words = instruction.words()[...]
        if let first = words.first, instruction.string(first).uppercased() == "ONBUILD" { words = words.dropFirst() }
        guard let first = words.popFirst() else { return }
        switch instruction.string(first).uppercased() {
        case "FROM": readFrom(index, words)
        case "ARG" where stageCount == 0: readArguments(index, words)
        case "COPY":
            for word in words.prefix(while: { instruction.string($0).hasPrefix("--") }) {
                guard instruction.string(word).hasPrefix("--from=") else { continue }
                addImage(index, (word.lowerBound + "--from=".utf8.count)..<word.upperBound, place: "COPY --from")
            }
        case "RUN":
            for word in words.prefix(while: { instruction.string($0).hasPrefix("--") }) {
                guard instruction.string(word).hasPrefix("--mount=") else { continue }
                readMount(index, (word.lowerBound + "--mount=".utf8.count)..<word.upperBound)
            }
        default: break
        }
    }

    private mutating func readFrom(_ index: Int, _ words: ArraySlice<Range<Int>>) {
        let instruction = parsed.instructions[index]
        let words = words.drop { instruction.string($0).hasPrefix("--") }
        defer { stageCount += 1 }
        guard let image = words.first else { return }
        let rest = words.dropFirst().map(instruction.string)
        let name = rest.count >= 2 && rest[0].lowercased() == "as" ? rest[1] : nil
        let place = name.map { "FROM … AS \($0)" } ?? "FROM"
        let content = withoutQuotes(instruction, image)
        let text = instruction.string(content)
        if text != "scratch", !stages.contains(text.lowercased()) {
            if let argument = Self.variable(text) {
                if case .some((let value?, let index)) = arguments[argument] {
                    let named = parsed.instructions[index].string(value)
                    // What names a stage here is no image.
                    if named != "scratch", !stages.contains(named.lowercased()) {
                        wholeArguments.append(argument)
                    } else {
                        partArguments.insert(argument)
                    }
                } else {
                    addAt(instruction, content, index, place: place)
                }
            } else {
                addAt(instruction, content, index, place: place)
                partArguments.formUnion(Self.variables(in: text))
            }
        }
        if let name { stages.insert(name.lowercased()) }
    }

    /// `ARG NAME=default`, several of which may be in one instruction.
    private mutating func readArguments(_ index: Int, _ words: ArraySlice<Range<Int>>) {
        let instruction = parsed.instructions[index]
        for word in words {
            guard let equals = instruction.text[word].firstIndex(of: UInt8(ascii: "=")) else {
                arguments[instruction.string(word)] = (nil, index)
                continue
            }
            let value = withoutQuotes(instruction, (equals + 1)..<word.upperBound)
            arguments[instruction.string(word.lowerBound..<equals)] = (value, index)
            partArguments.formUnion(Self.variables(in: instruction.string(value)))
        }
    }

    /// `type=bind,from=image,target=…`.
    private mutating func readMount(_ index: Int, _ range: Range<Int>) {
        let instruction = parsed.instructions[index]
        guard !instruction.text[range].contains(UInt8(ascii: "\"")) else { return }
        var start = range.lowerBound
        while start < range.upperBound {
            let end = instruction.text[start..<range.upperBound].firstIndex(of: UInt8(ascii: ",")) ?? range.upperBound
            if instruction.string(start..<end).hasPrefix("from=") {
                addImage(index, (start + "from=".utf8.count)..<end, place: "RUN --mount")
            }
            start = end + 1
        }
    }

    /// Adds what isn't a stage by its name or number.
    private mutating func addImage(_ index: Int, _ range: Range<Int>, place: String) {
        let instruction = parsed.instructions[index]
        let content = withoutQuotes(instruction, range)
        let text = instruction.string(content)
        guard !text.isEmpty, text != "scratch", !stages.contains(text.lowercased()),
            !text.utf8.allSatisfy({ (48...57).contains($0) })
        else { return }
        addAt(instruction, content, index, place: place)
    }

    private mutating func addArguments() {
        for name in Set(wholeArguments).sorted() {
            guard let (value, index) = arguments[name], let value else { continue }
            let instruction = parsed.instructions[index]
            let refusal = partArguments.contains(name) ? "the argument is also a part of other names" : nil
            addAt(instruction, value, index, place: "ARG \(name)", refusal: refusal)
        }
    }

    private mutating func addAt(
        _ instruction: Instruction,
        _ range: Range<Int>,
        _ index: Int,
        place: String,
        refusal: String? = nil
    ) {
        let isFirst = commented.insert(index).inserted
        guard let inFile = instruction.fileRange(range) else {
            // It goes on over several lines.
            guard let first = range.first, !range.isEmpty else { return }
            let start = instruction.offsets[first]
            result.references.append(
                maker.reference(
                    instruction.string(range),
                    at: start..<(start + 1),
                    place: place,
                    slot: .none,
                    refusal: "it goes on over several lines; write it on one"
                )
            )
            return
        }
        let room = isFirst ? TextSlot.CommentRoom.lineBefore(instruction.start) : .none
        add(inFile, place: place, room: room, instruction: instruction.start, refusal: refusal)
    }

    private mutating func add(
        _ range: Range<Int>,
        place: String,
        room: TextSlot.CommentRoom,
        instruction: Int? = nil,
        refusal: String? = nil
    ) {
        let text = String(decoding: bytes[range], as: UTF8.self)
        var reference = maker.reference(
            text,
            at: range,
            place: place,
            slot: .text(TextSlot(isExact: true, room: room)),
            refusal: refusal
        )
        if let instruction, reference.ignored == .none {
            reference.ignored = maker.comments.ignored(from: instruction, to: instruction)
        }
        result.references.append(reference)
    }

    private func withoutQuotes(_ instruction: Instruction, _ range: Range<Int>) -> Range<Int> {
        guard range.count >= 2, let first = instruction.text[range].first,
            first == instruction.text[range.upperBound - 1],
            first == UInt8(ascii: "\"") || first == UInt8(ascii: "'")
        else { return range }
        return (range.lowerBound + 1)..<(range.upperBound - 1)
    }

    /// The variable that a text is: `$NAME` or `${NAME}`.
    private static func variable(_ text: String) -> String? {
        text.wholeMatch(of: /\$(?:(\w+)|\{(\w+)\})/).flatMap { ($0.1 ?? $0.2).map(String.init) }
    }

    private static func variables(in text: String) -> [String] {
        text.matches(of: /\$\{?(\w+)/).map { String($0.1) }
    }

    /// What the instructions say beside their references, line by line: the bytes of one that goes on are in several.
    private func overlooked() -> [SourceReference] {
        let taken = Set(result.references.map(\.range.lowerBound))
        return parsed.instructions.flatMap { instruction -> [SourceReference] in
            var lines: [Range<Int>] = []
            for offset in instruction.offsets {
                if let last = lines.last, last.upperBound == offset {
                    lines[lines.count - 1] = last.lowerBound..<(offset + 1)
                } else {
                    lines.append(offset..<(offset + 1))
                }
            }
            return lines.flatMap { maker.overlooked(in: $0) }.filter { !taken.contains($0.range.lowerBound) }
        }
    }

    /// The instructions with their references left out, and the directives.
    private func skeleton() -> [String] {
        let directives = parsed.directives.map {
            $0.name == "syntax" ? "syntax" : "\($0.name)=\(String(decoding: bytes[$0.value], as: UTF8.self))"
        }
        var ranges = result.references.map(\.range)[...]
        return directives
            + parsed.instructions.map { instruction in
                var kept: [UInt8] = []
                for (byte, offset) in zip(instruction.text, instruction.offsets) {
                    while let range = ranges.first, range.upperBound <= offset { ranges.removeFirst() }
                    guard let range = ranges.first, range.contains(offset) else {
                        kept.append(byte)
                        continue
                    }
                    if offset == range.lowerBound { kept.append(0) }
                }
                return String(decoding: kept, as: UTF8.self)
            }
    }
}
