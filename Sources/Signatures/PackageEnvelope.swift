import ContainerImage
import FoundationEssentials

/// A signed statement on a package: an envelope with one signature or several.
public struct PackageEnvelope: Sendable, Equatable {
    /// What is said of the package.
    public let statement: PackageStatement
    /// The envelope.
    public private(set) var envelope: DSSEEnvelope
    /// Which keys the signatures claim to be by, in their order.
    private var hints: [String]

    /// Creates an envelope without signatures.
    public init(_ statement: PackageStatement) throws {
        self.statement = statement
        envelope = DSSEEnvelope(
            payloadType: DSSEEnvelope.inTotoType,
            payload: try statement.encoded(),
            signatures: []
        )
        hints = []
    }

    /// Reads an envelope: as a package has it, or in a bundle beside it.
    ///
    /// - Throws: `SignatureContentError` where it is none.
    public init(_ bytes: [UInt8]) throws(SignatureContentError) {
        let json = try SignatureContent.decode(JSON.self, from: bytes, Self.shape, limit: Self.sizeLimit)
        if let type = json.mediaType, !SigstoreBundle.mediaTypes.contains(type) {
            throw SignatureContentError("it is a bundle of the unsupported type '\(type)'")
        }
        guard let content = json.dsseEnvelope ?? json.envelope else {
            throw SignatureContentError(
                json.messageSignature == nil
                    ? "it has no envelope" : "it is of the file's bytes alone, which 'cosign verify-blob' checks"
            )
        }
        envelope = try DSSEEnvelope(content)
        guard envelope.payloadType == DSSEEnvelope.inTotoType else {
            throw SignatureContentError("its payload is of the unsupported type '\(envelope.payloadType)'")
        }
        hints = content.signatures.map { $0.keyid ?? "" }
        if let hint = json.verificationMaterial?.publicKey?.hint, hints.count == 1 { hints = [hint] }
        statement = try PackageStatement(envelope.payload)
    }

    /// How long an envelope may be, in bytes.
    public static let sizeLimit = 48 << 20

    /// Adds a signature over the envelope's signed bytes.
    public mutating func add(_ signature: [UInt8], by hint: String) {
        var signatures = envelope.signatures
        if let known = hints.firstIndex(of: hint), !hint.isEmpty {
            signatures[known] = signature
        } else {
            signatures.append(signature)
            hints.append(hint)
        }
        envelope = DSSEEnvelope(payloadType: envelope.payloadType, payload: envelope.payload, signatures: signatures)
    }

    /// Those of `keys` whose owners signed it, each once.
    public func signers(among keys: [PublicKey]) -> [PublicKey] {
        let bytes = envelope.signedBytes
        var seen: Set<String> = []
        return keys.filter { key in
            seen.insert(key.hint).inserted && envelope.signatures.contains { key.isValid($0, for: bytes) }
        }
    }

    /// The keys that the signatures claim to be by, for what is said of others.
    public var claimedKeys: [String] { hints.filter { !$0.isEmpty }.map { "SHA256:\($0)" } }

    /// The envelope as JSON.
    public func encoded() throws -> [UInt8] { try Self.encoder.encode(json(hasKeys: true)).map(\.self) }

    /// The envelope as a sigstore bundle, which has one signature.
    public func bundle() throws -> [UInt8] {
        let material = JSON.Material(publicKey: JSON.Key(hint: hints.first ?? ""))
        let bundle = JSON.Bundle(
            mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
            verificationMaterial: material,
            dsseEnvelope: json(hasKeys: false)
        )
        return try Self.encoder.encode(bundle).map(\.self)
    }

    private func json(hasKeys: Bool) -> JSON.Envelope {
        JSON.Envelope(
            payloadType: envelope.payloadType,
            payload: Data(envelope.payload).base64EncodedString(),
            signatures: zip(envelope.signatures, hints).map { signature, hint in
                JSON.Signature(sig: Data(signature).base64EncodedString(), keyid: hasKeys && !hint.isEmpty ? hint : nil)
            }
        )
    }

    private static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }

    private struct JSON: Decodable {
        struct Signature: Codable {
            var sig: String
            var keyid: String?
        }
        struct Envelope: Codable {
            var payloadType: String
            var payload: String
            var signatures: [Signature]
        }
        struct Key: Codable { var hint: String }
        struct Material: Codable { var publicKey: Key? }
        struct Bundle: Encodable {
            var mediaType: String
            var verificationMaterial: Material
            var dsseEnvelope: Envelope
        }
        var mediaType: String?
        var verificationMaterial: Material?
        struct Message: Decodable {}
        var dsseEnvelope: DSSEEnvelope.Content?
        var messageSignature: Message?
        var payloadType: String?
        var payload: String?
        var signatures: [DSSEEnvelope.Content.Signature]?

        var envelope: DSSEEnvelope.Content? {
            guard let payloadType, let payload, let signatures else { return nil }
            return DSSEEnvelope.Content(payloadType: payloadType, payload: payload, signatures: signatures)
        }
    }

    private static let shape: JSONShape = .object(knowing: [
        "mediaType": .anything, "verificationMaterial": .anything, "dsseEnvelope": DSSEEnvelope.shape,
        "messageSignature": .anything, "payloadType": .anything, "payload": .anything,
        "signatures": .list(.object(knowing: ["sig": .anything, "keyid": .anything])),
    ])
}
