import Crypto

/// Computes a digest piece by piece.
public struct Digester: Sendable {
    // One of the two is there. Updated in place: a hash that is taken out of an enum would be copied with each piece.
    private var sha256: SHA256?
    private var sha512: SHA512?

    /// Creates an empty digester.
    public init(_ algorithm: Digest.Algorithm = .sha256) {
        switch algorithm {
        case .sha256: sha256 = SHA256()
        case .sha512: sha512 = SHA512()
        }
    }

    /// Takes the next bytes.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        sha256?.update(bufferPointer: bytes)
        sha512?.update(bufferPointer: bytes)
    }

    /// The digest of all bytes so far.
    public func finish() -> Digest {
        if let sha512 { return Digest(.sha512, bytes: sha512.finalize()) }
        return Digest(.sha256, bytes: (sha256 ?? SHA256()).finalize())
    }
}
