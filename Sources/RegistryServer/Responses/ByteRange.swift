/// Numbers and ranges of bytes as headers have them.
///
/// Whatever is sent, nothing overflows: what is larger than any size counts as the largest.
enum ByteRange {
    /// A number of decimal digits alone, at most `Int64.max`; nil for any other text.
    static func number(_ text: some StringProtocol) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        // Digits alone fail to be a number only by being too many.
        return Int64(text) ?? .max
    }

    /// The one range of `bytes=…` (RFC 9110, section 14.1.2); empty when the content doesn't reach it, nil for anything
    /// that is to be passed over.
    static func requested(_ text: String, size: Int64) -> Range<Int64>? {
        guard text.hasPrefix("bytes="), let ends = ends(of: text.dropFirst(6)) else { return nil }
        if ends.first.isEmpty {
            guard let count = number(ends.last) else { return nil }
            return (size - min(count, size))..<size
        }
        guard let first = number(ends.first) else { return nil }
        if ends.last.isEmpty { return first < size ? first..<size : 0..<0 }
        guard let last = number(ends.last), last >= first else { return nil }
        guard first < size else { return 0..<0 }
        return first..<(last < size ? last + 1 : size)
    }

    /// The first and last position of a chunk, `first-last` or `bytes first-last/size`; nil for anything else.
    static func chunk(_ text: String) -> ClosedRange<Int64>? {
        let text = text.hasPrefix("bytes ") ? text.dropFirst(6) : text[...]
        guard let ends = ends(of: text.prefix { $0 != "/" }), let first = number(ends.first),
            let last = number(ends.last), first <= last
        else { return nil }
        return first...last
    }

    private static func ends(of text: Substring) -> (first: Substring, last: Substring)? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return parts.count == 2 ? (parts[0], parts[1]) : nil
    }
}
