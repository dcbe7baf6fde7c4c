/// Names of files in texts. A name is any bytes; those that aren't UTF-8 are kept in a text as characters that stand for them
/// alone, so that it never comes to mean another file.
public enum InputName {
    /// Bytes from 0x80 on follow this.
    private static let base: UInt32 = 0x10FF00
    private static let standIns = base + 0x80...base + 0xFF

    /// The text for a name. (Of an array: generic bytes cost the start of the program a look at all its conformances.)
    public static func text(of bytes: [UInt8]) -> String {
        if let text = String(validating: bytes, as: UTF8.self), isExact(text) { return text }
        var text = String.UnicodeScalarView()
        var rest = bytes[...]
        while !rest.isEmpty {
            let width = characterWidth(rest)
            if width > 0 {
                text += String(decoding: rest.prefix(width), as: UTF8.self).unicodeScalars
            } else if let standIn = Unicode.Scalar(base + UInt32(rest[rest.startIndex])) {
                text.append(standIn)
            }
            rest = rest.dropFirst(max(width, 1))
        }
        return String(text)
    }

    /// The name that `text` is for, as it goes to the system: with a zero at its end.
    static func bytes(of text: String) -> [CChar] {
        var bytes: [CChar] = []
        for scalar in text.unicodeScalars {
            if standIns.contains(scalar.value) {
                bytes.append(CChar(bitPattern: UInt8(scalar.value - base)))
            } else {
                bytes += UTF8.encode(scalar)?.map { CChar(bitPattern: $0) } ?? []
            }
        }
        return bytes + [0]
    }

    /// The name as it is displayed: bytes that aren't UTF-8 are written as `\xff`.
    public static func shown(_ text: String) -> String {
        guard !isExact(text) else { return text }
        return text.unicodeScalars.map { scalar in
            standIns.contains(scalar.value) ? "\\x" + String(scalar.value - base, radix: 16) : String(scalar)
        }.joined()
    }

    /// Whether the text is the name itself, being UTF-8.
    public static func isExact(_ text: String) -> Bool {
        // Most names have no character of four bytes.
        !text.utf8.contains(0xF4) || !text.unicodeScalars.contains { standIns.contains($0.value) }
    }

    /// The length of the character at the beginning; 0 where there is none, or one that stands for a byte.
    private static func characterWidth(_ bytes: ArraySlice<UInt8>) -> Int {
        let longest = Array(bytes.prefix(4))
        for width in 1...max(longest.count, 1) {
            guard let text = String(validating: longest.prefix(width), as: UTF8.self),
                text.unicodeScalars.count == 1
            else { continue }
            return isExact(text) ? width : 0
        }
        return 0
    }
}
