/// Strings as they occur in the bytes of a JSON text.
package enum JSONText {
    /// Where the string that begins with the quote at `start` ends, behind its last quote.
    static func endOfString(in bytes: [UInt8], from start: Int) -> Int {
        bytes.withUnsafeBufferPointer { endOfString(in: $0, from: start) }
    }

    /// Where the string that begins with the quote at `start` ends, behind its last quote.
    static func endOfString(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        var position = start + 1
        while true {
            position = nextQuoteOrBackslash(in: bytes, from: position)
            guard position < bytes.count else { return bytes.count }
            guard bytes[position] == UInt8(ascii: "\\") else { return position + 1 }
            position += 2
        }
    }

    /// Where the first quote or backslash is from `start` on; the end or behind it, if there is none. Strings are long
    /// where they are base64: eight bytes are looked at together.
    private static func nextQuoteOrBackslash(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
        let (ones, tops): (UInt64, UInt64) = (0x0101_0101_0101_0101, 0x8080_8080_8080_8080)
        let memory = UnsafeRawBufferPointer(bytes)
        var position = start
        while position + 8 <= bytes.count {
            let word = UInt64(littleEndian: memory.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            let quotes = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
            let backslashes = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
            // The lowest of the bits that are set belongs to the first byte that is zero there.
            let found = (((quotes &- ones) & ~quotes) | ((backslashes &- ones) & ~backslashes)) & tops
            if found != 0 { return position + found.trailingZeroBitCount / 8 }
            position += 8
        }
        while position < bytes.count, bytes[position] != UInt8(ascii: "\""), bytes[position] != UInt8(ascii: "\\") {
            position += 1
        }
        return position
    }

    /// Whether an object in `bytes` may have a member of this name, in ASCII; where there isn't one, none is decoded.
    static func mayHave(key: StaticString, in bytes: [UInt8]) -> Bool {
        let name = UnsafeBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount)
        return bytes.withUnsafeBufferPointer { bytes in
            var position = 0
            while position < bytes.count {
                guard bytes[position] == UInt8(ascii: "\"") else {
                    position += 1
                    continue
                }
                let end = endOfString(in: bytes, from: position)
                let content = bytes[(position + 1)..<max(position + 1, end - 1)]
                // With escapes it may say anything.
                if content.elementsEqual(name) || content.contains(UInt8(ascii: "\\")) { return true }
                position = end
            }
            return false
        }
    }

    /// What a string in quotes says: without these, and without escapes.
    static func content(of quoted: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let inner = quoted.dropFirst().dropLast()
        guard inner.contains(UInt8(ascii: "\\")) else { return inner }
        var units: [UInt16] = []
        var plain: [UInt8] = []
        func flush(_ units: inout [UInt16], _ plain: inout [UInt8]) {
            units += Array(String(decoding: plain, as: UTF8.self).utf16)
            plain = []
        }
        var rest = inner
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let escaped = rest.popFirst() else {
                plain.append(byte)
                continue
            }
            flush(&units, &plain)
            switch escaped {
            case UInt8(ascii: "b"): units.append(0x08)
            case UInt8(ascii: "f"): units.append(0x0C)
            case UInt8(ascii: "n"): units.append(0x0A)
            case UInt8(ascii: "r"): units.append(0x0D)
            case UInt8(ascii: "t"): units.append(0x09)
            case UInt8(ascii: "u"):
                units.append(UInt16(String(decoding: rest.prefix(4), as: UTF8.self), radix: 16) ?? 0xFFFD)
                rest = rest.dropFirst(4)
            default: units.append(UInt16(escaped))
            }
        }
        flush(&units, &plain)
        return Array(String(decoding: units, as: UTF16.self).utf8)[...]
    }

    /// The ranges of the elements if `bytes` are a list; nil if they aren't one. Whether each is JSON its
    /// decoder tells.
    package static func elements(of bytes: [UInt8]) -> [Range<Int>]? {
        parts(of: bytes, in: bytes.indices, between: UInt8(ascii: "["), and: UInt8(ascii: "]"))
    }

    /// A member of an object.
    package struct Member: Sendable {
        /// What its name says.
        package let name: String
        /// Where it is, with its name and the spaces around it.
        package let range: Range<Int>
        /// Where its value is, without the spaces around it.
        package let value: Range<Int>
    }

    /// The members if the bytes in `range` are an object; nil if they aren't one. Whether they are JSON a decoder tells.
    package static func members(of bytes: [UInt8], in range: Range<Int>) -> [Member]? {
        let found = parts(of: bytes, in: range, between: UInt8(ascii: "{"), and: UInt8(ascii: "}"))
        return found?.compactMap { part in
            guard let start = bytes[part].firstIndex(where: { !isSpace($0) }), bytes[start] == UInt8(ascii: "\"") else {
                return nil
            }
            let end = endOfString(in: bytes, from: start)
            guard end < part.upperBound, let colon = bytes[end..<part.upperBound].firstIndex(of: UInt8(ascii: ":")),
                let first = bytes[(colon + 1)..<part.upperBound].firstIndex(where: { !isSpace($0) }),
                let last = bytes[first..<part.upperBound].lastIndex(where: { !isSpace($0) })
            else { return nil }
            let name = String(decoding: content(of: bytes[start..<end]), as: UTF8.self)
            return Member(name: name, range: part, value: first..<(last + 1))
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D }

    /// What commas part, between two brackets with spaces around them.
    private static func parts(
        of bytes: [UInt8],
        in range: Range<Int>,
        between opening: UInt8,
        and closing: UInt8
    ) -> [Range<Int>]? {
        guard let first = bytes[range].firstIndex(where: { !isSpace($0) }), bytes[first] == opening,
            let last = bytes[range].lastIndex(where: { !isSpace($0) }), last > first, bytes[last] == closing
        else { return nil }
        var elements: [Range<Int>] = []
        var start = first + 1
        var depth = 0
        var position = start
        while position < last {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                position = endOfString(in: bytes, from: position)
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                guard depth >= 0 else { return nil }
            case UInt8(ascii: ",") where depth == 0:
                elements.append(start..<position)
                start = position + 1
            default: break
            }
            position += 1
        }
        guard position == last, depth == 0 else { return nil }
        if !elements.isEmpty || bytes[start..<last].contains(where: { !isSpace($0) }) { elements.append(start..<last) }
        return elements
    }
}
