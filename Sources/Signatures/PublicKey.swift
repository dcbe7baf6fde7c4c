import ContainerImage
import Crypto
import CryptoExtras
import FoundationEssentials

/// A public key that signatures are checked with: ECDSA on P-256, P-384 and P-521, Ed25519, RSA of 2048 bits and more.
public struct PublicKey: Sendable {
    private enum Key: Sendable {
        case p256(P256.Signing.PublicKey)
        case p384(P384.Signing.PublicKey)
        case p521(P521.Signing.PublicKey)
        case ed25519(Curve25519.Signing.PublicKey)
        case rsa(_RSA.Signing.PublicKey)
    }

    /// What to call it: the file that it is from.
    public let name: String
    /// The SHA-256 of its DER form (SubjectPublicKeyInfo, RFC 5280), in base64: what bundles have as a hint.
    public let hint: String
    /// Its DER form.
    let der: [UInt8]
    private let key: Key

    /// How long a file of a key may be, in bytes.
    public static let sizeLimit = 64 << 10

    /// Reads the one key in a PEM text (RFC 7468): `PUBLIC KEY`, or `RSA PUBLIC KEY` of PKCS #1.
    ///
    /// - Throws: `PublicKeyError` for anything else, a private key or a second block among it.
    public init(pem text: [UInt8], name: String) throws(PublicKeyError) {
        self.name = name
        guard text.count <= Self.sizeLimit else { throw PublicKeyError(name: name, reason: .tooLong) }
        let block: PEMBlock
        do {
            block = try PEMBlock(only: text)
        } catch {
            throw PublicKeyError(name: name, reason: error)
        }
        guard ["PUBLIC KEY", "RSA PUBLIC KEY"].contains(block.label) else {
            throw PublicKeyError(name: name, reason: .otherBlock(block.label))
        }
        let form: Data
        (key, form) = try Self.key(block.bytes, isPKCS1: block.label == "RSA PUBLIC KEY", name)
        (der, hint) = (Array(form), Data(SHA256.hash(data: form)).base64EncodedString())
    }

    /// Reads a key in DER: SubjectPublicKeyInfo, or PKCS #1.
    init(der: [UInt8], name: String) throws(PublicKeyError) {
        self.name = name
        let form: Data
        (key, form) = try Self.key(der, isPKCS1: false, name)
        (self.der, hint) = (Array(form), Data(SHA256.hash(data: form)).base64EncodedString())
    }

    /// The hint as it is shown: `SHA256:…`.
    public var fingerprint: String { "SHA256:\(hint)" }

    /// The most bytes that a signature by the key has.
    public var longestSignature: Int {
        switch key {
        // Two numbers as long as the curve's in DER, each with a sign where its first bit may be set.
        case .p256: 72
        case .p384: 104
        case .p521: 139
        case .ed25519: 64
        case .rsa(let key): (key.keySizeInBits + 7) / 8
        }
    }

    private static func key(_ der: [UInt8], isPKCS1: Bool, _ name: String) throws(PublicKeyError) -> (Key, Data) {
        if !isPKCS1 {
            if let key = try? P256.Signing.PublicKey(derRepresentation: der) { return (.p256(key), Data(der)) }
            if let key = try? P384.Signing.PublicKey(derRepresentation: der) { return (.p384(key), Data(der)) }
            if let key = try? P521.Signing.PublicKey(derRepresentation: der) { return (.p521(key), Data(der)) }
            if let key = try? Curve25519.Signing.PublicKey(derRepresentation: der) { return (.ed25519(key), Data(der)) }
        }
        if let key = try? _RSA.Signing.PublicKey(derRepresentation: der) { return (.rsa(key), key.derRepresentation) }
        if let key = try? _RSA.Signing.PublicKey(unsafeDERRepresentation: der) {
            throw PublicKeyError(name: name, reason: .weak(bits: key.keySizeInBits))
        }
        throw PublicKeyError(name: name, reason: .unsupported)
    }

    /// Whether the owner of the key signed `message`.
    ///
    /// ECDSA signatures are in DER, by SHA-256 or the hash as long as the curve; RSA's are by SHA-256, as PKCS #1 v1.5
    /// or PSS with a salt as long as the hash; Ed25519 is the pure form (RFC 8032).
    public func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
        switch key {
        case .p256(let key):
            guard let signature = try? P256.Signing.ECDSASignature(derRepresentation: signature) else { return false }
            return key.isValidSignature(signature, for: SHA256.hash(data: message))
        case .p384(let key):
            guard let signature = try? P384.Signing.ECDSASignature(derRepresentation: signature) else { return false }
            return key.isValidSignature(signature, for: SHA384.hash(data: message))
                || key.isValidSignature(signature, for: SHA256.hash(data: message))
        case .p521(let key):
            guard let signature = try? P521.Signing.ECDSASignature(derRepresentation: signature) else { return false }
            return key.isValidSignature(signature, for: SHA512.hash(data: message))
                || key.isValidSignature(signature, for: SHA256.hash(data: message))
        case .ed25519(let key):
            return signature.count == 64 && key.isValidSignature(signature, for: message)
        case .rsa(let key):
            let (signature, digest) = (
                _RSA.Signing.RSASignature(rawRepresentation: signature), SHA256.hash(data: message)
            )
            return key.isValidSignature(signature, for: digest, padding: .insecurePKCS1v1_5)
                || key.isValidSignature(signature, for: digest, padding: .PSS)
        }
    }
}

extension PublicKey {
    /// Whether the owner of the key signed `message` by `hash`, as those who make timestamps do.
    func isValid(_ signature: [UInt8], for message: [UInt8], hashedBy hash: HashAlgorithm) -> Bool {
        switch hash {
        case .sha1: false
        case .sha256: isValid(signature, of: SHA256.hash(data: message))
        case .sha384: isValid(signature, of: SHA384.hash(data: message))
        case .sha512: isValid(signature, of: SHA512.hash(data: message))
        }
    }

    private func isValid(_ signature: [UInt8], of digest: some Crypto.Digest) -> Bool {
        switch key {
        case .p256(let key):
            (try? P256.Signing.ECDSASignature(derRepresentation: signature)).map {
                key.isValidSignature($0, for: digest)
            } ?? false
        case .p384(let key):
            (try? P384.Signing.ECDSASignature(derRepresentation: signature)).map {
                key.isValidSignature($0, for: digest)
            } ?? false
        case .p521(let key):
            (try? P521.Signing.ECDSASignature(derRepresentation: signature)).map {
                key.isValidSignature($0, for: digest)
            } ?? false
        case .ed25519: false
        case .rsa(let key):
            key.isValidSignature(
                _RSA.Signing.RSASignature(rawRepresentation: signature),
                for: digest,
                padding: .insecurePKCS1v1_5
            )
        }
    }
}

/// The reason a file has no usable public key.
public struct PublicKeyError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What the key is called.
    public let name: String
    /// What is wrong.
    public let reason: Reason

    /// What can be wrong with a key.
    public enum Reason: Error, Sendable, Equatable {
        /// It is longer than any key.
        case tooLong
        /// There is no PEM block.
        case noBlock
        /// It is a private key.
        case privateKey
        /// There are several PEM blocks.
        case severalBlocks
        /// It is a PEM block of something else.
        case otherBlock(String)
        /// The block has no end, or isn't base64.
        case malformed
        /// An RSA key that is too short.
        case weak(bits: Int)
        /// A key of another kind, or damaged.
        case unsupported
    }

    /// What is wrong, with the key.
    public var description: String { "the public key '\(name)' \(explanation)" }

    private var explanation: String {
        switch reason {
        case .tooLong: "is longer than \(ByteCount(Int64(PublicKey.sizeLimit))): this is not a key"
        case .noBlock: "is not in PEM: there is no line '-----BEGIN PUBLIC KEY-----'"
        case .privateKey: "is a private key, which only those who sign may have; give the public one"
        case .severalBlocks: "is a file with more than one PEM block; give each key as a file of its own"
        case .otherBlock("CERTIFICATE"): "is a certificate; give the key alone (openssl x509 -pubkey -noout)"
        case .otherBlock(let label): "is a '\(label)', not a 'PUBLIC KEY'"
        case .malformed: "is damaged: its PEM block is not whole base64 up to its END line"
        case .weak(let bits): "is an RSA key of \(bits) bits; at least 2048 are needed"
        case .unsupported:
            "is damaged or of an unsupported kind; supported are ECDSA (P-256, P-384, P-521), Ed25519 and RSA"
        }
    }
}
