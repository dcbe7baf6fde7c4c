public import ContainerImage
import FoundationEssentials

/// What cosign signs of an image and keeps under a tag: containers-signature(5), "json payload".
public struct SimpleSigningPayload: Sendable, Equatable {
    /// The image that is signed.
    public let digest: Digest
    /// What the signer calls it; empty where the payload doesn't say.
    public let reference: String

    /// The media type of a layer that is one.
    public static let mediaType = MediaType("application/vnd.dev.cosign.simplesigning.v1+json")
    /// The annotation of the layer with the signature over its bytes, in base64.
    public static let signatureAnnotation = "dev.cosignproject.cosign/signature"
    static let type = "cosign container image signature"

    /// Reads a payload.
    ///
    /// - Throws: `SignatureContentError` where it is none.
    public init(_ bytes: [UInt8]) throws(SignatureContentError) {
        let content = try SignatureContent.decode(Content.self, from: bytes, Self.shape)
        guard content.critical.type == Self.type else {
            throw SignatureContentError("its critical.type is '\(content.critical.type)', not '\(Self.type)'")
        }
        do {
            digest = try Digest(content.critical.image.digest)
        } catch {
            throw SignatureContentError("\(error)")
        }
        reference = content.critical.identity?.reference ?? ""
    }

    private struct Content: Decodable {
        struct Critical: Decodable {
            struct Image: Decodable {
                var digest: String
                enum CodingKeys: String, CodingKey { case digest = "docker-manifest-digest" }
            }
            struct Identity: Decodable {
                var reference: String?
                enum CodingKeys: String, CodingKey { case reference = "docker-reference" }
            }
            var type: String
            var image: Image
            var identity: Identity?
        }
        var critical: Critical
    }

    private static let shape: JSONShape = .object(knowing: [
        "critical": .object(knowing: [
            "type": .anything, "image": .object(knowing: ["docker-manifest-digest": .anything]),
            "identity": .object(knowing: ["docker-reference": .anything]),
        ]),
        "optional": .anything,
    ])
}
