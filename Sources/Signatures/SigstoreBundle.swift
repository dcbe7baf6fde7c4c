public import ContainerImage
import FoundationEssentials

/// A signature with what is needed to check it: sigstore bundle 0.3, in JSON.
public struct SigstoreBundle: Sendable, Equatable {
    /// What is signed.
    public enum Content: Sendable, Equatable {
        /// A statement in an envelope.
        case envelope(DSSEEnvelope)
        /// Bytes that the bundle doesn't have, and their digest.
        case message(Digest, signature: [UInt8])
    }

    /// How the key is known.
    public enum Material: Sendable, Equatable {
        /// It must be known already. The hint tells which it may be.
        case publicKey(hint: String)
        /// It is in a certificate.
        case certificate
    }

    /// What is signed.
    public let content: Content
    /// How the key is known.
    public let material: Material

    /// The media types of bundles.
    public static let mediaTypes: Set = [
        "application/vnd.dev.sigstore.bundle.v0.3+json", "application/vnd.dev.sigstore.bundle+json;version=0.3",
    ]

    /// Reads a bundle.
    ///
    /// - Throws: `SignatureContentError` where it is none.
    public init(_ bytes: [UInt8]) throws(SignatureContentError) {
        let json = try SignatureContent.decode(JSON.self, from: bytes, Self.shape)
        guard Self.mediaTypes.contains(json.mediaType) else {
            throw SignatureContentError("it is a bundle of the unsupported type '\(json.mediaType)'")
        }
        let verification = json.verificationMaterial
        switch (verification.publicKey, verification.certificate) {
        case (let key?, nil): material = .publicKey(hint: key.hint ?? "")
        case (nil, .some): material = .certificate
        default:
            throw SignatureContentError("its verificationMaterial must have either publicKey or certificate")
        }
        switch (json.dsseEnvelope, json.messageSignature) {
        case (let envelope?, nil):
            guard envelope.signatures.count == 1 else {
                throw SignatureContentError("its envelope has \(envelope.signatures.count) signatures, not one")
            }
            content = .envelope(try DSSEEnvelope(envelope))
        case (nil, let message?):
            let signature = try SignatureContent.bytes(ofBase64: message.signature, "its signature")
            content = .message(try Self.digest(message.messageDigest), signature: signature)
        default: throw SignatureContentError("it must have either dsseEnvelope or messageSignature")
        }
    }

    private static func digest(_ message: JSON.MessageDigest) throws(SignatureContentError) -> Digest {
        let algorithms: [String: Digest.Algorithm] = ["SHA2_256": .sha256, "SHA2_512": .sha512]
        guard let algorithm = algorithms[message.algorithm] else {
            throw SignatureContentError("its messageDigest is of the unsupported algorithm '\(message.algorithm)'")
        }
        let bytes = try SignatureContent.bytes(ofBase64: message.digest, "its messageDigest")
        guard let digest = SignatureContent.digest(algorithm, bytes) else {
            throw SignatureContentError("its messageDigest has \(bytes.count) bytes")
        }
        return digest
    }

    private struct JSON: Decodable {
        struct Material: Decodable {
            struct PublicKey: Decodable {
                var hint: String?
            }
            struct Certificate: Decodable {}
            var publicKey: PublicKey?
            var certificate: Certificate?
        }
        struct MessageDigest: Decodable {
            var algorithm: String
            var digest: String
        }
        struct Message: Decodable {
            var messageDigest: MessageDigest
            var signature: String
        }
        var mediaType: String
        var verificationMaterial: Material
        var dsseEnvelope: DSSEEnvelope.Content?
        var messageSignature: Message?
    }

    private static let shape: JSONShape = .object(knowing: [
        "mediaType": .anything,
        "verificationMaterial": .object(knowing: [
            "publicKey": .object(knowing: ["hint": .anything]), "certificate": .anything, "tlogEntries": .anything,
            "timestampVerificationData": .anything, "x509CertificateChain": .anything,
        ]),
        "dsseEnvelope": DSSEEnvelope.shape,
        "messageSignature": .object(knowing: [
            "messageDigest": .object(knowing: ["algorithm": .anything, "digest": .anything]), "signature": .anything,
        ]),
    ])
}
