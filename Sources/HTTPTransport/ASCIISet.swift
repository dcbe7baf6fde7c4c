/// A set of ASCII characters, which tells of a byte at once whether it is one.
struct ASCIISet: Sendable {
    private var bits: (low: UInt64, high: UInt64) = (0, 0)

    /// Creates a set of letters, digits, `-`, `.`, `_` and `~` (RFC 3986, section 2.3), and some more.
    init(unreservedAnd characters: StaticString) {
        characters.withUTF8Buffer { for byte in $0 { insert(byte) } }
        for byte in UInt8.min...127 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                insert(byte)
            default: break
            }
        }
    }

    private mutating func insert(_ byte: UInt8) {
        if byte < 64 { bits.low |= 1 << UInt64(byte) } else if byte < 128 { bits.high |= 1 << UInt64(byte - 64) }
    }

    /// Whether the byte is one of the characters.
    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
        byte < 64 ? bits.low >> UInt64(byte) & 1 == 1 : byte < 128 && bits.high >> UInt64(byte - 64) & 1 == 1
    }
}
