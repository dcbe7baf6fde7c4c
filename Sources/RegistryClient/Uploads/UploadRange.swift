/// What a registry says of how much of an upload it has: `0-1023`, and of some `bytes=0-1023` (OCI distribution
/// specification, "Pushing a blob in chunks").
package enum UploadRange {
    /// The number of the last byte that is there; nil for what is no such range.
    ///
    /// Bytes rather than a regular expression: this is read for each chunk.
    package static func last(in text: String) -> Int64? {
        let range = text.hasPrefix("bytes=") || text.hasPrefix("bytes ") ? text.dropFirst(6) : text[...]
        guard range.hasPrefix("0-") else { return nil }
        return number(range.dropFirst(2))
    }

    /// The bytes that an upload's `OCI-Chunk-Min-Length` asks for; nil for what is no positive number.
    package static func length(in text: String) -> Int64? { number(text[...]).flatMap { $0 > 0 ? $0 : nil } }

    /// A number of at most 18 digits, so that it can be added to another one.
    private static func number(_ text: Substring) -> Int64? {
        guard (1...18).contains(text.utf8.count), text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int64(text)
    }
}
