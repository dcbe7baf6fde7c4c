public import ContainerImage
import FoundationEssentials
import X509

/// A signature with what is needed to check it: sigstore bundle 0.3, in JSON, and what came before.
public struct SigstoreBundle: Sendable {
    /// What is signed.
    public enum Content: Sendable, Equatable {
        /// A statement in an envelope.
        case envelope(DSSEEnvelope)
        /// Bytes that the bundle doesn't have, and their digest.
        case message(Digest, signature: [UInt8])
    }

    /// How the key is known.
    enum Material: Sendable {
        /// It must be known already. The hint tells which it may be.
        case publicKey(hint: String)
        /// It is in a certificate.
        case certificate(CertificateEvidence)
    }

    /// What is signed.
    public let content: Content
    /// How the key is known.
    let material: Material
    /// Entries of logs.
    let entries: [LogEntry]

    /// The media types of bundles.
    public static let mediaTypes: Set = [
        "application/vnd.dev.sigstore.bundle.v0.3+json", "application/vnd.dev.sigstore.bundle+json;version=0.3",
    ]

    /// Those of older bundles, in which certificates have chains.
    private static let olderTypes = [
        "application/vnd.dev.sigstore.bundle+json;version=0.1", "application/vnd.dev.sigstore.bundle+json;version=0.2",
    ]

    /// Reads a bundle.
    ///
    /// - Throws: `SignatureContentError` where it is none.
    public init(_ bytes: [UInt8]) throws(SignatureContentError) {
        let json = try SignatureContent.decode(JSON.self, from: bytes, Self.shape)
        let isOlder = Self.olderTypes.contains(json.mediaType)
        guard isOlder || Self.mediaTypes.contains(json.mediaType) else {
            throw SignatureContentError("it is a bundle of the unsupported type '\(json.mediaType)'")
        }
        (material, entries) = try Self.material(
            json.verificationMaterial,
            isOlder: isOlder,
            needsProof: json.mediaType != Self.olderTypes[0]
        )
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

    private static func material(
        _ json: JSON.Material,
        isOlder: Bool,
        needsProof: Bool
    ) throws(SignatureContentError) -> (Material, [LogEntry]) {
        let list = json.tlogEntries ?? []
        guard list.count <= LogEntry.countLimit else {
            throw SignatureContentError("it has \(list.count) log entries")
        }
        let entries = try list.map { entry throws(SignatureContentError) in try LogEntry(entry) }
        let leaf: SigningCertificate
        switch (json.publicKey, json.certificate, json.x509CertificateChain) {
        case (let key?, nil, nil): return (.publicKey(hint: key.hint ?? ""), entries)
        case (nil, let certificate?, nil):
            leaf = try SigningCertificate(
                der: try SignatureContent.bytes(ofBase64: certificate.rawBytes, "its certificate")
            )
        case (nil, nil, let chain?) where isOlder:
            let certificates = try chain.certificates.map { certificate throws(SignatureContentError) in
                try SigningCertificate(
                    der: try SignatureContent.bytes(ofBase64: certificate.rawBytes, "its certificate")
                )
            }
            guard let first = certificates.first else { throw SignatureContentError("it has no certificate") }
            guard !certificates.contains(where: { $0.certificate.issuer == $0.certificate.subject }) else {
                throw SignatureContentError("it has a root's certificate, which only a trusted root may have")
            }
            leaf = first
        default:
            throw SignatureContentError("its verificationMaterial must have either publicKey or certificate")
        }
        var evidence = CertificateEvidence(certificate: leaf, entries: entries, needsProof: needsProof)
        let timestamps = json.timestampVerificationData?.rfc3161Timestamps ?? []
        guard timestamps.count <= CertificateEvidence.timestampLimit else {
            throw SignatureContentError("it has \(timestamps.count) timestamps")
        }
        evidence.timestamps = try timestamps.map { timestamp throws(SignatureContentError) in
            try SignatureContent.bytes(ofBase64: timestamp.signedTimestamp, "its timestamp")
        }
        return (.certificate(evidence), entries)
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
            struct Certificate: Decodable { var rawBytes: String }
            struct Chain: Decodable { var certificates: [Certificate] }
            struct Timestamp: Decodable { var signedTimestamp: String }
            struct Timestamps: Decodable { var rfc3161Timestamps: [Timestamp]? }
            var publicKey: PublicKey?
            var certificate: Certificate?
            var x509CertificateChain: Chain?
            var tlogEntries: [LogEntry.JSON]?
            var timestampVerificationData: Timestamps?
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
            "publicKey": .object(knowing: ["hint": .anything]),
            "certificate": .object(knowing: ["rawBytes": .anything]), "tlogEntries": .anything,
            "timestampVerificationData": .anything, "x509CertificateChain": .anything,
        ]),
        "dsseEnvelope": DSSEEnvelope.shape,
        "messageSignature": .object(knowing: [
            "messageDigest": .object(knowing: ["algorithm": .anything, "digest": .anything]), "signature": .anything,
        ]),
    ])
}
