import FoundationEssentials

/// A signature as another program gives it: its bytes, or these in base64.
public struct PrintedSignature: Sendable, Equatable {
    /// The bytes.
    public let bytes: [UInt8]

    /// Reads what a program printed. Without the key nobody can tell whether it is a signature, but much can't be one.
    ///
    /// - Throws: `SignatureContentError` for what is neither ECDSA's in DER, nor as long as Ed25519's or RSA's.
    public init(_ output: [UInt8]) throws(SignatureContentError) {
        guard !output.isEmpty else { throw SignatureContentError("it gave no signature") }
        if output.allSatisfy(Self.isText) {
            // openssl and others break the lines of base64.
            let text = String(decoding: output.filter { $0 > UInt8(ascii: " ") }, as: UTF8.self)
            guard let decoded = try? SignatureContent.bytes(ofBase64: text, "it") else {
                let start = String(decoding: output.prefix(60), as: UTF8.self).split(whereSeparator: \.isNewline).first
                throw SignatureContentError("it printed '\(start ?? "")', which is not a signature")
            }
            bytes = decoded
        } else {
            bytes = output
        }
        guard Self.isECDSA(bytes) || bytes.count == 64 || (256...2048).contains(bytes.count) else {
            throw SignatureContentError(
                "it gave \(bytes.count) bytes, which are not a signature by ECDSA (in DER), Ed25519 or RSA"
            )
        }
    }

    private static func isText(_ byte: UInt8) -> Bool { (0x20..<0x7F).contains(byte) || (0x09...0x0D).contains(byte) }

    /// Whether `bytes` are two numbers in DER, to the last byte: Ecdsa-Sig-Value of RFC 3279.
    private static func isECDSA(_ bytes: [UInt8]) -> Bool {
        guard let (numbers, end) = content(of: 0x30, bytes[...]), end.isEmpty,
            let (first, rest) = content(of: 0x02, numbers), let (second, nothing) = content(of: 0x02, rest)
        else { return false }
        return nothing.isEmpty && (8...67).contains(first.count) && (8...67).contains(second.count)
    }

    /// What is in the element that `bytes` begin with, if its tag is this one, and what comes after it.
    private static func content(of tag: UInt8, _ bytes: ArraySlice<UInt8>) -> (ArraySlice<UInt8>, ArraySlice<UInt8>)? {
        guard bytes.first == tag, var length = bytes.dropFirst().first.map(Int.init) else { return nil }
        var rest = bytes.dropFirst(2)
        if length == 0x81 {
            guard let long = rest.popFirst(), long >= 0x80 else { return nil }
            length = Int(long)
        } else if length > 0x7F {
            return nil
        }
        return rest.count < length ? nil : (rest.prefix(length), rest.dropFirst(length))
    }
}
