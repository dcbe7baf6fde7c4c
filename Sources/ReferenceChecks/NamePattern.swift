/// Names with wildcards: `*` is any number of characters within a part, `**` of any parts, `?` is one character.
public struct NamePattern: Sendable, Hashable {
    /// The pattern as written.
    public let text: String
    private let bytes: [UInt8]

    /// Creates a pattern.
    public init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8)
    }

    /// Whether all of `name` fits. The time is proportional to both lengths, whatever the pattern.
    public func matches(_ name: String) -> Bool {
        var states: Set<Int> = closure(of: 0)
        for byte in name.utf8 {
            var next: Set<Int> = []
            for state in states where state < bytes.count {
                switch bytes[state] {
                case UInt8(ascii: "*"):
                    if isDouble(at: state) || byte != UInt8(ascii: "/") { next.formUnion(closure(of: state)) }
                case UInt8(ascii: "?"):
                    if byte != UInt8(ascii: "/") { next.formUnion(closure(of: state + 1)) }
                default:
                    if bytes[state] == byte { next.formUnion(closure(of: state + 1)) }
                }
            }
            states = next
            if states.isEmpty { return false }
        }
        return states.contains(bytes.count)
    }

    private func isDouble(at position: Int) -> Bool {
        position + 1 < bytes.count && bytes[position + 1] == UInt8(ascii: "*")
    }

    /// A position, and those behind wildcards that stand for nothing.
    private func closure(of position: Int) -> Set<Int> {
        var found: Set = [position]
        var position = position
        while position < bytes.count, bytes[position] == UInt8(ascii: "*") {
            position += isDouble(at: position) ? 2 : 1
            found.insert(position)
        }
        return found
    }
}
