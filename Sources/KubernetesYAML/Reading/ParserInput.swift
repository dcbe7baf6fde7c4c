import LibC

/// A stream's bytes as libyaml shall see them.
///
/// libyaml ends lines at U+0085, U+2028 and U+2029, as YAML 1.1 had it; since 1.2 these are text like any other. Where
/// a stream has them, private characters that it doesn't have stand for them while it is parsed. So it is with what is
/// read leniently.
struct ParserInput {
    private(set) var bytes: ArraySlice<UInt8>
    private var originals: [Unicode.Scalar: Unicode.Scalar] = [:]
    /// The substitute for a backslash before an apostrophe.
    private var escape: Unicode.Scalar?
    private var nextCandidate: UInt32 = 0xE000

    private static let separators: [Unicode.Scalar] = ["\u{85}", "\u{2028}", "\u{2029}"]

    init(_ bytes: ArraySlice<UInt8>, leniency: LenientText = []) {
        self.bytes = bytes
        replaceSeparators()
        if !leniency.isEmpty { replace(leniency) }
    }

    private mutating func replaceSeparators() {
        let present =
            Self.isASCII(bytes) ? [] : Self.separators.filter { Self.contains(String($0).utf8, in: bytes) }
        guard !present.isEmpty, let text = String(validating: bytes, as: UTF8.self) else { return }
        var substitutes: [Unicode.Scalar: Unicode.Scalar] = [:]
        for separator in present { substitutes[separator] = unusedCharacter() }
        for (separator, substitute) in substitutes { originals[substitute] = separator }
        bytes = Array(Self.replacing(substitutes, in: text).utf8)[...]
    }

    private mutating func replace(_ leniency: LenientText) {
        guard let escape = unusedCharacter(), let colon = unusedCharacter() else { return }
        self.escape = escape
        originals[escape] = "\\"
        originals[colon] = ":"
        var written: [UInt8] = []
        written.reserveCapacity(bytes.count + bytes.count / 8)
        var start = bytes.startIndex
        leniency.forEachPlace(in: bytes) { position, kind in
            written += bytes[start..<position]
            written += String(kind == .apostrophes ? escape : colon).utf8
            start = position + 1
        }
        written += bytes[start...]
        bytes = written[...]
    }

    /// A private character that the stream doesn't have, another one each time; nil if it has them all.
    private mutating func unusedCharacter() -> Unicode.Scalar? {
        while nextCandidate <= 0xF8FF, let scalar = Unicode.Scalar(nextCandidate) {
            nextCandidate += 1
            if !Self.contains(String(scalar).utf8, in: bytes) { return scalar }
        }
        return nil
    }

    /// The text with its own characters.
    func restored(_ text: String, isDoubleQuoted: Bool) -> String {
        guard !originals.isEmpty else { return text }
        guard isDoubleQuoted, let escape else { return Self.replacing(originals, in: text) }
        var scalars = String.UnicodeScalarView()
        scalars.append(contentsOf: text.unicodeScalars.lazy.filter { $0 != escape })
        return Self.replacing(originals, in: String(scalars))
    }

    private static func replacing(_ characters: [Unicode.Scalar: Unicode.Scalar], in text: String) -> String {
        var scalars = String.UnicodeScalarView()
        scalars.append(contentsOf: text.unicodeScalars.lazy.map { characters[$0] ?? $0 })
        return String(scalars)
    }

    private static func isASCII(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var (position, all) = (0, UInt64(0))
            while position + 8 <= bytes.count {
                all |= bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)
                position += 8
            }
            return all & 0x8080_8080_8080_8080 == 0 && bytes[position...].allSatisfy { $0 < 0x80 }
        }
    }

    private static func contains(_ part: String.UTF8View, in bytes: ArraySlice<UInt8>) -> Bool {
        let part = Array(part)
        return bytes.withUnsafeBufferPointer { bytes in
            guard let start = bytes.baseAddress else { return false }
            var position = 0
            while position < bytes.count, let found = memchr(start + position, Int32(part[0]), bytes.count - position) {
                position = UnsafeRawPointer(found) - UnsafeRawPointer(start)
                if bytes[position...].starts(with: part) { return true }
                position += 1
            }
            return false
        }
    }
}
