import Crypto
import CryptoExtras
import FoundationEssentials
import SwiftASN1

/// A private key that needs a passphrase: EncryptedPrivateKeyInfo of PKCS #8 (RFC 5958), by PBES2 (RFC 8018).
struct EncryptedPrivateKey {
    private enum Derivation {
        case pbkdf2(salt: [UInt8], rounds: Int, hash: KDF.Insecure.PBKDF2.HashFunction)
        case scrypt(salt: [UInt8], ScryptParameters)
    }

    /// What is in the way of reading one.
    enum Failure: Error {
        /// It is damaged, or encrypted in a way that isn't supported.
        case unsupported
        /// The passphrase is another one.
        case wrongPassphrase
    }

    private let derivation: Derivation
    private let keyLength: Int
    private let vector: [UInt8]
    private let ciphertext: [UInt8]

    /// The most rounds that a passphrase is worked on: whoever gives the key could make it take for ever.
    private static let roundLimit = 20_000_000

    init(der: [UInt8]) throws(Failure) {
        do {
            let info = try DERNodes(try DER.parse(der), count: 2)
            let scheme = try DERNodes(info[0], count: 2)
            guard try ASN1ObjectIdentifier(derEncoded: scheme[0]) == [1, 2, 840, 113549, 1, 5, 13] else {
                throw Failure.unsupported
            }
            let parts = try DERNodes(scheme[1], count: 2)
            derivation = try Self.derivation(try DERNodes(parts[0], count: 2))
            let cipher = try DERNodes(parts[1], count: 2)
            switch try ASN1ObjectIdentifier(derEncoded: cipher[0]) {
            case [2, 16, 840, 1, 101, 3, 4, 1, 2]: keyLength = 16
            case [2, 16, 840, 1, 101, 3, 4, 1, 22]: keyLength = 24
            case [2, 16, 840, 1, 101, 3, 4, 1, 42]: keyLength = 32
            default: throw Failure.unsupported
            }
            vector = Array(try ASN1OctetString(derEncoded: cipher[1]).bytes)
            ciphertext = Array(try ASN1OctetString(derEncoded: info[1]).bytes)
        } catch {
            throw .unsupported
        }
    }

    private static func derivation(_ nodes: DERNodes) throws -> Derivation {
        let parameters = try DERNodes(nodes[1])
        let salt = Array(try ASN1OctetString(derEncoded: parameters[0]).bytes)
        switch try ASN1ObjectIdentifier(derEncoded: nodes[0]) {
        case [1, 2, 840, 113549, 1, 5, 12]:
            let rounds = try Int(derEncoded: parameters[1])
            guard (1...roundLimit).contains(rounds) else { throw Failure.unsupported }
            var hash = KDF.Insecure.PBKDF2.HashFunction.insecureSHA1
            for node in parameters.all.dropFirst(2) where node.identifier == .sequence {
                switch try ASN1ObjectIdentifier(derEncoded: try DERNodes(node)[0]) {
                case [1, 2, 840, 113549, 2, 7]: hash = .insecureSHA1
                case [1, 2, 840, 113549, 2, 9]: hash = .sha256
                case [1, 2, 840, 113549, 2, 10]: hash = .sha384
                case [1, 2, 840, 113549, 2, 11]: hash = .sha512
                default: throw Failure.unsupported
                }
            }
            return .pbkdf2(salt: salt, rounds: rounds, hash: hash)
        case [1, 3, 6, 1, 4, 1, 11591, 4, 11]:
            let (rounds, size) = (try Int(derEncoded: parameters[1]), try Int(derEncoded: parameters[2]))
            let parallelism = try Int(derEncoded: parameters[3])
            guard let scrypt = ScryptParameters(rounds: rounds, blockSize: size, parallelism: parallelism) else {
                throw Failure.unsupported
            }
            return .scrypt(salt: salt, scrypt)
        default: throw Failure.unsupported
        }
    }

    /// The key in DER, as PKCS #8 has it without a passphrase.
    func decrypted(by passphrase: [UInt8]) throws(Failure) -> [UInt8] {
        do {
            let key: SymmetricKey
            switch derivation {
            case .pbkdf2(let salt, let rounds, let hash):
                key = try KDF.Insecure.PBKDF2.deriveKey(
                    from: passphrase,
                    salt: salt,
                    using: hash,
                    outputByteCount: keyLength,
                    unsafeUncheckedRounds: rounds
                )
            case .scrypt(let salt, let scrypt):
                key = try scrypt.key(from: passphrase, salt: salt, byteCount: keyLength)
            }
            let plain = Array(try AES._CBC.decrypt(ciphertext, using: key, iv: try AES._CBC.IV(ivBytes: vector)))
            // A wrong passphrase may give something whose end looks right, but no sequence.
            _ = try DERNodes(try DER.parse(plain))
            return plain
        } catch {
            throw .wrongPassphrase
        }
    }
}
