import Crypto

/// The SHA-256 digest of some content, `sha256:` and 64 lower-case hexadecimal digits in text.
///
/// OCI image specification, "Digests". A value of this type is always well-formed.
public struct Digest: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The 64 lower-case hexadecimal digits, without the algorithm.
    public let hex: String

    /// Parses `sha256:<64 hexadecimal digits>`.
    ///
    /// - Throws: `DigestError` when the text is anything else.
    public init(_ text: some StringProtocol) throws(DigestError) {
        guard text.hasPrefix("sha256:") else { throw .unsupportedAlgorithm(String(text)) }
        let hex = text.dropFirst(7)
        guard hex.utf8.count == 64 else { throw .wrongLength(String(text)) }
        guard hex.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else {
            throw .notHexadecimal(String(text))
        }
        self.hex = String(hex)
    }

    fileprivate init(_ finished: SHA256Digest) {
        let digits: [UInt8] = Array("0123456789abcdef".utf8)
        hex = String(unsafeUninitializedCapacity: 64) { buffer in
            var position = 0
            for byte in finished {
                buffer[position] = digits[Int(byte >> 4)]
                buffer[position + 1] = digits[Int(byte & 15)]
                position += 2
            }
            return position
        }
    }

    /// The digest of `bytes`.
    public init(of bytes: [UInt8]) {
        self.init(SHA256.hash(data: bytes))
    }

    /// `sha256:<hex>`.
    public var description: String { "sha256:" + hex }

    /// Orders by text.
    public static func < (left: Digest, right: Digest) -> Bool { left.hex < right.hex }
}

/// Computes a digest piece by piece.
public struct Digester: Sendable {
    private var hash = SHA256()

    /// Has seen nothing yet.
    public init() {}

    /// Takes the next bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) { hash.update(bufferPointer: bytes) }

    /// The digest of all bytes so far.
    public func finish() -> Digest { Digest(hash.finalize()) }
}

/// Why a text is no digest.
public enum DigestError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The text doesn't begin with `sha256:`.
    case unsupportedAlgorithm(String)
    /// There aren't 64 digits.
    case wrongLength(String)
    /// There is something else than lower-case hexadecimal digits.
    case notHexadecimal(String)

    /// What is wrong, with the text.
    public var description: String {
        switch self {
        case .unsupportedAlgorithm(let text):
            "'\(text)' is not a digest: it must begin with 'sha256:', the one algorithm that is supported"
        case .wrongLength(let text):
            "'\(text)' is not a digest: 'sha256:' must be followed by 64 hexadecimal digits"
        case .notHexadecimal(let text):
            "'\(text)' is not a digest: only the digits 0-9 and a-f may follow 'sha256:'"
        }
    }
}
