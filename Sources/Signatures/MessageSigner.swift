import Crypto
import FoundationEssentials

/// Signs a long message, such as a file, of which it sees a part at a time.
public struct MessageSigner: Sendable {
    private let key: SigningKey
    private var hasher = SHA256()

    /// Creates a signer that has seen nothing of the message.
    ///
    /// - Throws: `SigningKeyError` for a key that signs no hashes.
    public init(_ key: SigningKey) throws(SigningKeyError) {
        guard key.signsHashes else { throw SigningKeyError(name: key.publicKey.name, reason: .signsNoHash) }
        self.key = key
    }

    /// Takes the next part of the message.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) { hasher.update(bufferPointer: bytes) }

    /// A bundle of the message that was seen, as cosign writes one for a file.
    public func bundle() throws -> [UInt8] {
        let digest = hasher.finalize()
        return try SigningKey.bundle(
            of: Array(digest),
            signature: try key.signature(for: digest),
            hint: key.publicKey.hint
        )
    }
}
