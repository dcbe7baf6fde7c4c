/// Where the characters of a text in UTF-8 begin, in bytes.
struct CharacterOffsets {
    private let bytes: ArraySlice<UInt8>
    /// The offset of each 64th character; empty where all characters have one byte.
    private var marks: [Int] = []
    private static let interval = 64

    init(of bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        guard bytes.contains(where: { $0 >= 0x80 }) else { return }
        var count = 0
        for position in bytes.indices where !Self.continues(bytes[position]) {
            if count % Self.interval == 0 { marks.append(position) }
            count += 1
        }
    }

    /// The bytes of characters that are counted from the first; positions are those of the slice.
    func bytes(of characters: Range<Int>) -> Range<Int> {
        let start = offset(of: characters.lowerBound)
        return start..<max(start, offset(of: characters.upperBound))
    }

    private func offset(of character: Int) -> Int {
        guard !marks.isEmpty else { return min(bytes.startIndex + character, bytes.endIndex) }
        guard character / Self.interval < marks.count else { return bytes.endIndex }
        var position = marks[character / Self.interval]
        var rest = character % Self.interval
        while rest > 0, position < bytes.endIndex {
            position += 1
            while position < bytes.endIndex, Self.continues(bytes[position]) { position += 1 }
            rest -= 1
        }
        return position
    }

    private static func continues(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }
}
