/// The digest of some content: an algorithm and lower-case hexadecimal digits, `sha256:…` or `sha512:…` in text.
///
/// OCI image specification, "Digests". A value of this type is always well-formed. The digests of one content by two
/// algorithms are different values: a reference keeps the one that it was given.
public struct Digest: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The algorithms that the specification registers and that are supported.
    public enum Algorithm: String, Sendable, CaseIterable {
        /// SHA-256, the canonical one: what has no digest yet gets one by this.
        case sha256
        /// SHA-512.
        case sha512

        /// How many hexadecimal digits a digest has.
        public var digitCount: Int {
            switch self {
            case .sha256: 64
            case .sha512: 128
            }
        }
    }

    /// What computed the digest.
    public let algorithm: Algorithm
    /// The lower-case hexadecimal digits, without the algorithm.
    public let hex: String

    /// Parses `sha256:<64 hexadecimal digits>` or `sha512:<128 hexadecimal digits>`.
    ///
    /// - Throws: `DigestError` when the text is anything else.
    public init(_ text: some StringProtocol) throws(DigestError) {
        guard let colon = text.firstIndex(of: ":"), let algorithm = Algorithm(rawValue: String(text[..<colon])) else {
            throw .unsupportedAlgorithm(String(text))
        }
        let hex = text[text.index(after: colon)...]
        guard hex.utf8.count == algorithm.digitCount else { throw .wrongLength(String(text), algorithm) }
        guard hex.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) }) else {
            throw .notHexadecimal(String(text), algorithm)
        }
        self.algorithm = algorithm
        self.hex = String(hex)
    }

    init(_ algorithm: Algorithm, bytes: some Sequence<UInt8>) {
        let digits: [UInt8] = Array("0123456789abcdef".utf8)
        self.algorithm = algorithm
        hex = String(unsafeUninitializedCapacity: algorithm.digitCount) { buffer in
            var position = 0
            for byte in bytes {
                buffer[position] = digits[Int(byte >> 4)]
                buffer[position + 1] = digits[Int(byte & 15)]
                position += 2
            }
            return position
        }
    }

    /// Creates the digest of `bytes`.
    public init(of bytes: [UInt8], by algorithm: Algorithm = .sha256) {
        var digester = Digester(algorithm)
        bytes.withUnsafeBytes { digester.update($0) }
        self = digester.finish()
    }

    /// Whether `bytes` are the content that this is the digest of.
    public func matches(_ bytes: [UInt8]) -> Bool { Digest(of: bytes, by: algorithm) == self }

    /// `sha256:<hex>`.
    public var description: String { "\(algorithm.rawValue):\(hex)" }

    /// `sha256-<hex>`, all of it: for names of entries.
    public var dashed: String { "\(algorithm.rawValue)-\(hex)" }

    /// Orders by text.
    public static func < (left: Digest, right: Digest) -> Bool {
        left.algorithm == right.algorithm
            ? left.hex < right.hex : left.algorithm.rawValue < right.algorithm.rawValue
    }
}

/// Why a text is not a digest.
public enum DigestError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The text doesn't begin with an algorithm that is supported.
    case unsupportedAlgorithm(String)
    /// There are more or fewer digits than the algorithm gives.
    case wrongLength(String, Digest.Algorithm)
    /// There is something else than lower-case hexadecimal digits.
    case notHexadecimal(String, Digest.Algorithm)

    /// What is wrong, with the text.
    public var description: String {
        switch self {
        case .unsupportedAlgorithm(let text):
            "'\(text)' is not a digest: it must begin with 'sha256:' or 'sha512:', the algorithms that are supported"
        case .wrongLength(let text, let algorithm):
            "'\(text)' is not a digest: '\(algorithm.rawValue):' must be followed by "
                + "\(algorithm.digitCount) hexadecimal digits"
        case .notHexadecimal(let text, let algorithm):
            "'\(text)' is not a digest: only the digits 0-9 and a-f may follow '\(algorithm.rawValue):'"
        }
    }
}
