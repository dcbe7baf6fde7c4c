import ContainerImage
import Crypto
import CryptoExtras
import FoundationEssentials

#if canImport(CLibSodium)
    import CLibSodium
#endif

/// A private key as `cosign generate-key-pair` writes it: PKCS #8 in a secretbox of NaCl, whose key scrypt derives from a
/// passphrase, in the JSON that The Update Framework uses for keys.
struct CosignPrivateKey {
    /// What is in the way of reading one.
    enum Failure: Error {
        /// It is damaged, or encrypted in a way that isn't supported.
        case unsupported
        /// The passphrase is another one.
        case wrongPassphrase
        /// This system has nothing that opens a secretbox.
        case noSecretbox
    }

    private let scrypt: ScryptParameters
    private let salt: [UInt8]
    private let nonce: [UInt8]
    private let ciphertext: [UInt8]

    init(json: [UInt8]) throws(Failure) {
        do throws(SignatureContentError) {
            let content = try SignatureContent.decode(Content.self, from: json, Self.shape)
            let parameters = content.kdf.params
            guard content.kdf.name == "scrypt", content.cipher.name == "nacl/secretbox",
                let scrypt = ScryptParameters(rounds: parameters.N, blockSize: parameters.r, parallelism: parameters.p)
            else { throw SignatureContentError("it is encrypted in another way") }
            self.scrypt = scrypt
            salt = try SignatureContent.bytes(ofBase64: content.kdf.salt, "its salt")
            nonce = try SignatureContent.bytes(ofBase64: content.cipher.nonce, "its nonce")
            ciphertext = try SignatureContent.bytes(ofBase64: content.ciphertext, "its ciphertext")
        } catch {
            throw .unsupported
        }
    }

    /// The key in DER, as PKCS #8 has it without a passphrase.
    func decrypted(by passphrase: [UInt8]) throws(Failure) -> [UInt8] {
        #if canImport(CLibSodium)
            guard nonce.count == Int(crypto_secretbox_NONCEBYTES), ciphertext.count > Int(crypto_secretbox_MACBYTES)
            else { throw .unsupported }
            let key: SymmetricKey
            do {
                key = try scrypt.key(from: passphrase, salt: salt, byteCount: Int(crypto_secretbox_KEYBYTES))
            } catch {
                throw .unsupported
            }
            // 1 where others have prepared it before.
            guard sodium_init() >= 0 else { throw .noSecretbox }
            var plain = [UInt8](repeating: 0, count: ciphertext.count - Int(crypto_secretbox_MACBYTES))
            let status = key.withUnsafeBytes { key in
                let key = Array(key)
                return crypto_secretbox_open_easy(&plain, ciphertext, UInt64(ciphertext.count), nonce, key)
            }
            guard status == 0 else { throw .wrongPassphrase }
            return plain
        #else
            throw .noSecretbox
        #endif
    }

    private struct Content: Decodable {
        struct Derivation: Decodable {
            struct Parameters: Decodable {
                var N: Int
                var r: Int
                var p: Int
            }
            var name: String
            var params: Parameters
            var salt: String
        }
        struct Cipher: Decodable {
            var name: String
            var nonce: String
        }
        var kdf: Derivation
        var cipher: Cipher
        var ciphertext: String
    }

    private static let shape: JSONShape = .object(knowing: [
        "kdf": .object(knowing: [
            "name": .anything, "salt": .anything,
            "params": .object(knowing: ["N": .anything, "r": .anything, "p": .anything]),
        ]),
        "cipher": .object(knowing: ["name": .anything, "nonce": .anything]),
        "ciphertext": .anything,
    ])
}
