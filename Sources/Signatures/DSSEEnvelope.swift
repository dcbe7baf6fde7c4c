public import ContainerImage
import FoundationEssentials

/// A signed text with its type: Dead Simple Signing Envelope 1.0.
public struct DSSEEnvelope: Sendable, Equatable {
    /// What the payload is.
    public let payloadType: String
    /// What is signed.
    public let payload: [UInt8]
    /// The signatures over ``signedBytes``.
    public let signatures: [[UInt8]]

    /// The media type of a layer that is one: cosign's attestations.
    public static let mediaType = MediaType("application/vnd.dsse.envelope.v1+json")
    /// The type of an in-toto statement.
    public static let inTotoType = "application/vnd.in-toto+json"
    private static let countLimit = 100

    /// Creates an envelope.
    public init(payloadType: String, payload: [UInt8], signatures: [[UInt8]]) {
        self.payloadType = payloadType
        self.payload = payload
        self.signatures = signatures
    }

    /// Reads an envelope.
    ///
    /// - Throws: `SignatureContentError` where it is none.
    public init(_ bytes: [UInt8]) throws(SignatureContentError) {
        try self.init(try SignatureContent.decode(Content.self, from: bytes, Self.shape))
    }

    init(_ content: Content) throws(SignatureContentError) {
        guard (1...Self.countLimit).contains(content.signatures.count) else {
            throw SignatureContentError("its envelope has \(content.signatures.count) signatures")
        }
        payloadType = content.payloadType
        payload = try SignatureContent.bytes(ofBase64: content.payload, "its payload")
        signatures = try content.signatures.map { entry throws(SignatureContentError) in
            try SignatureContent.bytes(ofBase64: entry.sig, "a signature")
        }
    }

    /// What is signed, with its type: the pre-authentication encoding.
    public var signedBytes: [UInt8] {
        Array("DSSEv1 \(payloadType.utf8.count) \(payloadType) \(payload.count) ".utf8) + payload
    }

    struct Content: Decodable {
        struct Signature: Decodable {
            var sig: String
            var keyid: String?
        }
        var payloadType: String
        var payload: String
        var signatures: [Signature]
    }

    static let shape: JSONShape = .object(knowing: [
        "payloadType": .anything, "payload": .anything,
        "signatures": .list(.object(knowing: ["sig": .anything, "keyid": .anything])),
    ])
}
