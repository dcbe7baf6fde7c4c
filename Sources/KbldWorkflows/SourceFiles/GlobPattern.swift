/// A pattern for names of repositories: `*` is anything without a slash, `**` anything, `?` one character.
public struct GlobPattern: Sendable, Hashable {
    /// The pattern as it was given.
    public let text: String
    private let bytes: [UInt8]

    /// Creates a pattern.
    public init(_ text: String) {
        self.text = text
        bytes = Array(text.utf8)
    }

    /// Whether all of `name` is of the pattern.
    public func matches(_ name: String) -> Bool {
        let name = Array(name.utf8)
        // Which positions of the name can be reached by the pattern so far.
        var reached = Set([0])
        var position = 0
        while position < bytes.count, !reached.isEmpty {
            let byte = bytes[position]
            position += 1
            guard byte == UInt8(ascii: "*") else {
                reached = Set(
                    reached.filter { $0 < name.count && Self.fits(byte, name[$0]) }.map { $0 + 1 }
                )
                continue
            }
            let crosses = position < bytes.count && bytes[position] == UInt8(ascii: "*")
            if crosses { position += 1 }
            var ends: Set<Int> = []
            for start in reached.sorted() where !ends.contains(start) {
                var end = start
                ends.insert(end)
                while end < name.count, crosses || name[end] != UInt8(ascii: "/") {
                    end += 1
                    ends.insert(end)
                }
            }
            reached = ends
        }
        return reached.contains(name.count)
    }

    private static func fits(_ pattern: UInt8, _ byte: UInt8) -> Bool {
        pattern == byte || (pattern == UInt8(ascii: "?") && byte != UInt8(ascii: "/"))
    }
}
