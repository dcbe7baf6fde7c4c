/// The elements of a DER sequence (X.690), one after the other.
struct DERElements {
    private var rest: ArraySlice<UInt8>

    /// Creates a reader of a sequence's content.
    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// Whether all elements were read.
    var isAtEnd: Bool { rest.isEmpty }

    /// Reads the next element.
    ///
    /// - Throws: `MalformedCertificateError` at the end, and where the bytes are not DER.
    mutating func next() throws(MalformedCertificateError) -> (tag: UInt8, content: ArraySlice<UInt8>) {
        guard let tag = rest.popFirst(), let first = rest.popFirst() else { throw MalformedCertificateError() }
        var length = Int(first)
        if first & 0x80 != 0 {
            let count = Int(first & 0x7F)
            guard (1...4).contains(count), rest.count >= count else { throw MalformedCertificateError() }
            length = rest.prefix(count).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(count)
        }
        guard rest.count >= length else { throw MalformedCertificateError() }
        defer { rest = rest.dropFirst(length) }
        return (tag, rest.prefix(length))
    }
}

/// A certificate whose bytes are not X.509.
package struct MalformedCertificateError: Error, Sendable, CustomStringConvertible {
    /// What is wrong.
    package var description: String { "the certificate is malformed" }
}
