/// Paths as URIs (RFC 3986): relative ones stay relative.
enum FileURI {
    static func text(of path: String) -> String {
        let encoded = path.utf8.map { byte -> String in
            isPlain(byte) ? String(UnicodeScalar(byte)) : "%" + hexadecimal(byte)
        }
        .joined()
        return path.utf8.first == UInt8(ascii: "/") ? "file://" + encoded : encoded
    }

    /// What may stand in every part of a path; a colon could end a scheme.
    private static func isPlain(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
            || "-._~/@!$&'()*+,;=".utf8.contains(byte)
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return digits.utf8.count == 1 ? "0" + digits : digits
    }
}
