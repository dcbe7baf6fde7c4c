/// Cuts what a program prints into lines, as it arrives. Lines end in a line feed, a carriage return, or both.
package struct LineSplitter {
    /// A line; of a very long one a part.
    package struct Piece: Equatable {
        package let text: String
        /// Whether the line ends with it.
        package let endsLine: Bool
    }

    /// How many bytes of a line are held back for its end.
    package static let longest = 1 << 16

    private var line: [UInt8] = []
    private var endedInReturn = false

    /// At the beginning of a line.
    package init() {}

    /// The lines that end in `bytes`, and parts of the last one where it is very long.
    package mutating func pieces(of bytes: UnsafeRawBufferPointer) -> [Piece] {
        var pieces: [Piece] = []
        var start = bytes.startIndex
        for (position, byte) in bytes.enumerated() where byte == 0x0A || byte == 0x0D {
            let isSecondOfBoth = byte == 0x0A && endedInReturn && position == start && line.isEmpty
            if !isSecondOfBoth {
                line += bytes[start..<position]
                pieces += takeParts()
                pieces.append(take(line.count, endsLine: true))
            }
            start = position + 1
            endedInReturn = byte == 0x0D
        }
        if start < bytes.endIndex {
            line += bytes[start...]
            endedInReturn = false
            pieces += takeParts()
        }
        return pieces
    }

    /// What is left at the end, where the last line has none.
    package mutating func last() -> Piece? { line.isEmpty ? nil : take(line.count, endsLine: true) }

    private mutating func takeParts() -> [Piece] {
        var parts: [Piece] = []
        while line.count > Self.longest {
            // No character is cut in two.
            var count = Self.longest
            while count > Self.longest - 3, line[count] & 0xC0 == 0x80 { count -= 1 }
            parts.append(take(count, endsLine: false))
        }
        return parts
    }

    private mutating func take(_ count: Int, endsLine: Bool) -> Piece {
        let text = String(decoding: line[..<count], as: UTF8.self)
        line.removeFirst(count)
        return Piece(text: text, endsLine: endsLine)
    }
}
