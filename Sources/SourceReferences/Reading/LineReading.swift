/// Reads lists of images, and units of Podman.
struct LineReading {
    private let maker: ReferenceMaker
    private let bytes: [UInt8]
    private var result = SourceReading()

    /// One reference a line.
    static func list(_ file: SourceFile) -> SourceReading {
        var reading = LineReading(maker: ReferenceMaker(file, .trailing), bytes: file.bytes)
        for line in 0..<reading.maker.lines.count {
            let content = reading.maker.lines.content(line)
            let text = reading.trimmed(content.lowerBound..<reading.commentStart(in: content))
            guard !text.isEmpty else { continue }
            reading.add(text, place: "line \(line + 1)", room: .trailing(text.upperBound))
            reading.result.skeleton.append("reference")
        }
        return reading.result
    }

    /// `Image=` in the sections that have one, as systemd reads lines.
    static func quadlet(_ file: SourceFile) -> SourceReading {
        var reading = LineReading(maker: ReferenceMaker(file, .ownLines("#;")), bytes: file.bytes)
        var section = ""
        var continues = false
        for line in 0..<reading.maker.lines.count {
            let content = reading.trimmed(reading.maker.lines.content(line))
            guard let first = file.bytes[content].first else {
                continues = false
                continue
            }
            // Comments within a value that goes on are passed over.
            if first == UInt8(ascii: "#") || first == UInt8(ascii: ";") { continue }
            let text = String(decoding: file.bytes[content], as: UTF8.self)
            let isWhole = !continues
            let position = reading.result.references.count
            defer {
                if reading.result.references.count == position {
                    reading.result.overlooked += reading.maker.overlooked(in: content)
                }
            }
            continues = text.hasSuffix("\\")
            if isWhole, text.hasPrefix("["), text.hasSuffix("]") { section = String(text.dropFirst().dropLast()) }
            guard isWhole, sections.contains(section),
                let equals = file.bytes[content].firstIndex(of: UInt8(ascii: "=")),
                file.bytes[reading.trimmed(content.lowerBound..<equals)].elementsEqual("Image".utf8)
            else {
                reading.result.skeleton.append(text)
                continue
            }
            var value = reading.trimmed((equals + 1)..<content.upperBound)
            if file.bytes[value].starts(with: "docker://".utf8) { value = (value.lowerBound + 9)..<value.upperBound }
            // An empty value takes back those before; other units are named with their ending.
            let name = String(decoding: file.bytes[value], as: UTF8.self)
            guard !name.isEmpty, !name.hasSuffix(".image"), !name.hasSuffix(".build") else {
                reading.result.skeleton.append(text)
                continue
            }
            let start = reading.maker.lines.content(line).lowerBound
            let transport = transports.first { name.hasPrefix($0 + ":") }
            let refusal =
                continues
                ? "it goes on over several lines; write it on one"
                : transport.map { "'\($0)' is where podman takes it from; only registries have digests to pin" }
            reading.add(value, place: "[\(section)] Image", room: .lineBefore(start), refusal: refusal)
            reading.result.skeleton.append("reference")
        }
        return reading.result
    }

    /// What podman takes images from, other than registries.
    private static let transports = [
        "docker-archive", "oci-archive", "oci", "dir", "containers-storage", "docker-daemon",
    ]

    private static let sections: Set = ["Container", "Image", "Volume"]

    private init(maker: ReferenceMaker, bytes: [UInt8]) {
        self.maker = maker
        self.bytes = bytes
    }

    private mutating func add(
        _ range: Range<Int>,
        place: String,
        room: TextSlot.CommentRoom,
        refusal: String? = nil
    ) {
        var reference = maker.reference(
            String(decoding: bytes[range], as: UTF8.self),
            at: range,
            place: place,
            slot: .text(TextSlot(isExact: true, room: room)),
            refusal: refusal
        )
        // What isn't there to be edited needn't be a reference.
        if let refusal, case .invalid = reference.disposition { reference.disposition = .unsupported(refusal) }
        result.references.append(reference)
    }

    private func commentStart(in range: Range<Int>) -> Int {
        bytes[range].firstIndex(of: UInt8(ascii: "#")) ?? range.upperBound
    }

    private func trimmed(_ range: Range<Int>) -> Range<Int> {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0D }
        let start = bytes[range].firstIndex { !isSpace($0) } ?? range.upperBound
        let end = bytes[start..<range.upperBound].lastIndex { !isSpace($0) }.map { $0 + 1 } ?? start
        return start..<end
    }
}
