/// A pattern of a whole text: `*` is any text, also an empty one and with slashes, `?` is one byte.
public struct TextPattern: Sendable, Hashable {
    /// The pattern as written.
    public let text: String
    private let bytes: [UInt8]

    /// Creates a pattern. Every text is one.
    public init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8)
    }

    /// Whether all of `other` fits.
    public func matches(_ other: String) -> Bool {
        let given = Array(other.utf8)
        var (position, offset) = (0, 0)
        // Where the last star was, and how much it stands for so far.
        var star: (position: Int, offset: Int)?
        while offset < given.count {
            if position < bytes.count, bytes[position] == UInt8(ascii: "*") {
                star = (position, offset)
                position += 1
            } else if position < bytes.count,
                bytes[position] == UInt8(ascii: "?") || bytes[position] == given[offset]
            {
                position += 1
                offset += 1
            } else if let last = star {
                star = (last.position, last.offset + 1)
                position = last.position + 1
                offset = last.offset + 1
            } else {
                return false
            }
        }
        return bytes[position...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
