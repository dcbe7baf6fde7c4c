import Crypto
import CryptoExtras

/// What scrypt is told (RFC 7914, section 2), within bounds: whoever gives a key could make it take all memory, or for
/// ever.
struct ScryptParameters {
    private let rounds: Int
    private let blockSize: Int
    private let parallelism: Int

    private static let memoryLimit = 512 << 20

    /// Creates parameters; nil where they are invalid or out of bounds.
    init?(rounds: Int, blockSize: Int, parallelism: Int) {
        guard (2...1 << 20).contains(rounds), rounds & (rounds - 1) == 0, (1...32).contains(blockSize),
            (1...16).contains(parallelism), 128 * rounds * blockSize <= Self.memoryLimit
        else { return nil }
        self.rounds = rounds
        self.blockSize = blockSize
        self.parallelism = parallelism
    }

    /// The key that a passphrase gives.
    func key(from passphrase: [UInt8], salt: [UInt8], byteCount: Int) throws -> SymmetricKey {
        try KDF.Scrypt.deriveKey(
            from: passphrase,
            salt: salt,
            outputByteCount: byteCount,
            rounds: rounds,
            blockSize: blockSize,
            parallelism: parallelism,
            maxMemory: Self.memoryLimit + (64 << 20)
        )
    }
}
