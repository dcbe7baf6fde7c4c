/// JSON as Go's encoding/json writes it by default.
package struct GoJSON {
    /// What was written.
    package private(set) var bytes: [UInt8] = []

    /// Begins a text; `capacity` bytes of it need no further memory.
    package init(capacity: Int = 0) { bytes.reserveCapacity(capacity) }

    mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func array<Value>(
        _ values: [Value],
        _ write: (Value, inout GoJSON) throws(ArchiveError) -> Void
    ) throws(ArchiveError) {
        guard !values.isEmpty else { return raw("null") }
        raw("[")
        for (position, value) in values.enumerated() {
            if position > 0 { raw(",") }
            try write(value, &self)
        }
        raw("]")
    }

    /// A string in quotes; `<`, `>`, `&`, U+2028 and U+2029 are escaped in addition to what JSON requires.
    package mutating func string(_ text: String) {
        var text = text
        bytes.append(UInt8(ascii: "\""))
        text.withUTF8 { text in
            // What needs no escape is copied in stretches: nearly all of it.
            var (start, end) = (0, 0)
            while end < text.count {
                guard !Self.isPlain(text[end]), let (escape, count) = Self.escape(text[end...]) else {
                    end += 1
                    continue
                }
                bytes.append(contentsOf: text[start..<end])
                raw(escape)
                end += count
                start = end
            }
            bytes.append(contentsOf: text[start...])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Whether a byte is never escaped, whatever follows it.
    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case 0..<0x20, UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"),
            0xE2:
            false
        default: true
        }
    }

    /// What stands for the character that `text` begins with, and how many bytes that has; nil if that is itself.
    private static func escape(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> (text: String, count: Int)? {
        guard let byte = text.first else { return nil }
        switch byte {
        case UInt8(ascii: "\""): return ("\\\"", 1)
        case UInt8(ascii: "\\"): return ("\\\\", 1)
        case 0x0A: return ("\\n", 1)
        case 0x0D: return ("\\r", 1)
        case 0x09: return ("\\t", 1)
        case 0x08: return ("\\b", 1)
        case 0x0C: return ("\\f", 1)
        case 0xE2:
            if text.starts(with: [0xE2, 0x80, 0xA8]) { return ("\\u2028", 3) }
            if text.starts(with: [0xE2, 0x80, 0xA9]) { return ("\\u2029", 3) }
            return nil
        default:
            let digits = String(byte, radix: 16)
            return (digits.count < 2 ? "\\u000\(digits)" : "\\u00\(digits)", 1)
        }
    }
}
