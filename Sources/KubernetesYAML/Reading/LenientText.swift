/// Text that the original's reader takes, though YAML doesn't have it. What is written so is told to the parser by
/// characters that the stream doesn't have, all at once, and comes back as it was.
struct LenientText: OptionSet {
    let rawValue: Int

    /// `\'` in double quotes, which means `'`.
    static let apostrophes = LenientText(rawValue: 1)
    /// In a list or map in flow style, a plain scalar that ends in a colon: `[a:, b]`.
    static let colons = LenientText(rawValue: 2)

    /// The leniency that `failure` asks for; nil if it is about something else.
    static func needed(for failure: EventParser.Failure) -> LenientText? {
        if failure.words.hasPrefix("found unknown escape character") { return .apostrophes }
        return failure.words.hasPrefix("found unexpected ':'") ? .colons : nil
    }

    /// Calls `body` with the position of each byte to substitute.
    ///
    /// The backslashes stand in texts of every style: outside of double quotes they come back. So do the colons, but for
    /// those that mean something: after a quote, a bracket or a space.
    func forEachPlace(in bytes: ArraySlice<UInt8>, _ body: (_ position: Int, _ kind: LenientText) -> Void) {
        var backslashes = 0
        for position in bytes.indices {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\\") {
                backslashes += 1
                continue
            }
            if byte == UInt8(ascii: "'"), backslashes % 2 == 1, contains(.apostrophes) {
                body(position - 1, .apostrophes)
            }
            backslashes = 0
            if byte == UInt8(ascii: ":"), contains(.colons), Self.endsText(at: position, in: bytes) {
                body(position, .colons)
            }
        }
    }

    private static func endsText(at position: Int, in bytes: ArraySlice<UInt8>) -> Bool {
        guard position > bytes.startIndex, position + 1 < bytes.endIndex else { return false }
        guard ",]}".utf8.contains(bytes[position + 1]) else { return false }
        guard !"\"'".utf8.contains(bytes[position - 1]) else { return false }
        let text = bytes[..<position].reversed().prefix { !" \t\r\n,[]{}".utf8.contains($0) }
        // Anchors, aliases and tags end at a colon.
        return text.last.map { !"&*!".utf8.contains($0) } ?? false
    }
}
