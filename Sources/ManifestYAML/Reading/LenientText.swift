/// Text that the original's reader takes, though YAML doesn't have it: `\'` in double quotes, and in a list or map in flow
/// style a plain scalar that ends in a colon.
enum LenientText {
    /// The stream's bytes with what `failure` is about written as YAML has it; nil when it is something else.
    static func mended(_ bytes: ArraySlice<UInt8>, after failure: EventParser.Failure) -> ArraySlice<UInt8>? {
        guard let position = offset(of: failure.position, in: bytes) else { return nil }
        let rest = bytes[position...]
        if failure.words.hasPrefix("found unknown escape character"), rest.starts(with: "\\'".utf8) {
            return bytes[..<position] + withoutEscapedApostrophes(rest)
        }
        let ends = ["," as Unicode.Scalar, "]", "}"].contains { rest.dropFirst().first == UInt8(ascii: $0) }
        if failure.words.hasPrefix("found unexpected ':'"), rest.first == UInt8(ascii: ":"), ends,
            let start = offset(of: failure.context, in: bytes), start < position
        {
            let quote = UInt8(ascii: "'")
            let text = bytes[start...position].flatMap { $0 == quote ? [quote, quote] : [$0] }
            return bytes[..<start] + [quote] + text + [quote] + bytes[(position + 1)...]
        }
        return nil
    }

    /// The bytes without the backslashes before `'`, up to the end of the double quotes.
    private static func withoutEscapedApostrophes(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        var kept: [UInt8] = []
        var position = bytes.startIndex
        while position < bytes.endIndex, bytes[position] != UInt8(ascii: "\"") {
            let pair = bytes[position...].prefix(2)
            if pair.elementsEqual("\\'".utf8) {
                kept.append(UInt8(ascii: "'"))
            } else {
                kept += pair.first == UInt8(ascii: "\\") ? pair : pair.prefix(1)
            }
            position += pair.first == UInt8(ascii: "\\") ? pair.count : 1
        }
        return kept + bytes[position...]
    }

    /// Where a character begins.
    private static func offset(of character: Int, in bytes: ArraySlice<UInt8>) -> Int? {
        var count = 0
        for position in bytes.indices where bytes[position] & 0xC0 != 0x80 {
            if count == character { return position }
            count += 1
        }
        return nil
    }
}
