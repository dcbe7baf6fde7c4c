import Crypto
import CryptoExtras
import FoundationEssentials
import SwiftASN1

/// A private key that packages are signed with: ECDSA on P-256 or Ed25519, in PEM.
public struct SigningKey: Sendable {
    private enum Key: Sendable {
        case p256(P256.Signing.PrivateKey)
        case ed25519(Curve25519.Signing.PrivateKey)
    }

    /// The public key.
    public let publicKey: PublicKey
    private let key: Key

    /// Reads the one key in a PEM text: `PRIVATE KEY` or `ENCRYPTED PRIVATE KEY` (PKCS #8), `EC PRIVATE KEY`, or one of
    /// the `ENCRYPTED SIGSTORE PRIVATE KEY` and `ENCRYPTED COSIGN PRIVATE KEY` that cosign makes.
    ///
    /// - Parameter passphrase: What opens an encrypted key; nil where there is none.
    /// - Throws: `SigningKeyError` for anything else.
    public init(pem text: [UInt8], name: String, passphrase: [UInt8]? = nil) throws(SigningKeyError) {
        guard text.count <= PublicKey.sizeLimit else { throw SigningKeyError(name: name, reason: .unsupported) }
        let label: String
        do {
            label = try PEMBlock.label(only: text)
        } catch {
            throw SigningKeyError(name: name, reason: error == .severalBlocks ? .severalBlocks : .noKey)
        }
        guard label.hasSuffix("PRIVATE KEY") else { throw SigningKeyError(name: name, reason: .noKey) }
        let pem = String(decoding: text, as: UTF8.self)
        if Self.encrypted.contains(label) {
            let der = try Self.decrypted(pem, label, by: passphrase, name)
            try self.init(
                try? P256.Signing.PrivateKey(derRepresentation: der),
                try? Curve25519.Signing.PrivateKey(derRepresentation: der),
                name
            )
        } else {
            // What openssl wrote in former times, with a header in the block.
            guard !pem.contains("ENCRYPTED") else { throw SigningKeyError(name: name, reason: .encrypted) }
            try self.init(
                try? P256.Signing.PrivateKey(pemRepresentation: pem),
                try? Curve25519.Signing.PrivateKey(pemRepresentation: pem),
                name
            )
        }
    }

    private static let encrypted = [
        "ENCRYPTED PRIVATE KEY", "ENCRYPTED SIGSTORE PRIVATE KEY", "ENCRYPTED COSIGN PRIVATE KEY",
    ]

    private static func decrypted(
        _ pem: String,
        _ label: String,
        by passphrase: [UInt8]?,
        _ name: String
    ) throws(SigningKeyError) -> [UInt8] {
        guard let passphrase else { throw SigningKeyError(name: name, reason: .needsPassphrase) }
        guard let document = try? PEMDocument(pemString: pem) else {
            throw SigningKeyError(name: name, reason: .unsupported)
        }
        if label == encrypted[0] {
            do throws(EncryptedPrivateKey.Failure) {
                return try EncryptedPrivateKey(der: document.derBytes).decrypted(by: passphrase)
            } catch {
                switch error {
                case .unsupported: throw SigningKeyError(name: name, reason: .encrypted)
                case .wrongPassphrase: throw SigningKeyError(name: name, reason: .wrongPassphrase)
                }
            }
        }
        do throws(CosignPrivateKey.Failure) {
            return try CosignPrivateKey(json: document.derBytes).decrypted(by: passphrase)
        } catch {
            switch error {
            case .unsupported: throw SigningKeyError(name: name, reason: .damagedCosignKey)
            case .wrongPassphrase: throw SigningKeyError(name: name, reason: .wrongPassphrase)
            case .noSecretbox: throw SigningKeyError(name: name, reason: .encryptedByCosign)
            }
        }
    }

    private init(
        _ elliptic: P256.Signing.PrivateKey?,
        _ edwards: Curve25519.Signing.PrivateKey?,
        _ name: String
    ) throws(SigningKeyError) {
        if let key = elliptic {
            try self.init(.p256(key), key.publicKey.pemRepresentation, name)
        } else if let key = edwards {
            try self.init(.ed25519(key), key.publicKey.pemRepresentation, name)
        } else {
            throw SigningKeyError(name: name, reason: .unsupported)
        }
    }

    private init(_ key: Key, _ publicKey: String, _ name: String) throws(SigningKeyError) {
        self.key = key
        do {
            self.publicKey = try PublicKey(pem: Array(publicKey.utf8), name: name)
        } catch {
            throw SigningKeyError(name: name, reason: .unsupported)
        }
    }

    /// A new key, on P-256: both halves in PEM.
    public static func generate() -> (privateKey: String, publicKey: String) {
        let key = P256.Signing.PrivateKey()
        return (key.pemRepresentation + "\n", key.publicKey.pemRepresentation + "\n")
    }

    /// Whether it can sign a message of which only the hash is known.
    var signsHashes: Bool { if case .p256 = key { true } else { false } }

    /// Signs a message by its hash.
    func signature(for digest: SHA256Digest) throws -> [UInt8] {
        guard case .p256(let key) = key else { throw SigningKeyError(name: publicKey.name, reason: .signsNoHash) }
        return Array(try key.signature(for: digest).derRepresentation)
    }

    /// Signs `message`: by ECDSA with SHA-256, in DER, or Ed25519.
    public func signature(for message: [UInt8]) throws -> [UInt8] {
        switch key {
        case .p256(let key): Array(try key.signature(for: SHA256.hash(data: message)).derRepresentation)
        case .ed25519(let key): Array(try key.signature(for: message))
        }
    }
}

/// The reason a file has no usable private key.
public struct SigningKeyError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What the key is called.
    public let name: String
    /// What is wrong.
    public let reason: Reason

    /// What can be wrong with a key.
    public enum Reason: Sendable, Equatable {
        /// There is no private key in it.
        case noKey
        /// There are several PEM blocks.
        case severalBlocks
        /// It is encrypted in a way that isn't supported.
        case encrypted
        /// It is encrypted as cosign does it, which this system can't read.
        case encryptedByCosign
        /// It is one of cosign's, damaged, or with parameters that nobody would choose.
        case damagedCosignKey
        /// It has a passphrase, and none was given.
        case needsPassphrase
        /// It signs messages, not their hashes.
        case signsNoHash
        /// It has another passphrase.
        case wrongPassphrase
        /// A key of another kind, or damaged.
        case unsupported
    }

    /// What is wrong, with the key.
    public var description: String {
        switch reason {
        case .noKey: "'\(name)' is not a private key in PEM"
        case .severalBlocks: "'\(name)' has more than one PEM block; give the key as a file of its own"
        case .encrypted:
            "the key '\(name)' is encrypted in a way that is not supported; write it as PKCS #8 with AES: "
                + "'openssl pkcs8 -topk8'"
        case .encryptedByCosign:
            "the key '\(name)' is encrypted as only cosign does it, which this build can't read; make one that PKCS #8 has "
                + "('openssl pkcs8 -topk8'), or let another program sign"
        case .damagedCosignKey:
            "the key '\(name)' is not one that cosign encrypted (scrypt of at most 512 MiB, nacl/secretbox), or is damaged"
        case .needsPassphrase: "the key '\(name)' has a passphrase, which is not given"
        case .signsNoHash: "the key '\(name)' is of Ed25519, which signs no hash of a file; use ECDSA on P-256"
        case .wrongPassphrase: "the key '\(name)' has another passphrase, or is damaged"
        case .unsupported:
            "the key '\(name)' is damaged or of an unsupported kind; ECDSA on P-256 and Ed25519 are supported"
        }
    }
}
