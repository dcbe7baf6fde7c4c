import FoundationEssentials

extension SigningKey {
    /// Signs `message`; gives a bundle beside it, as cosign writes one for a file.
    public func bundle(of message: [UInt8]) throws -> [UInt8] {
        try Self.bundle(
            of: HashAlgorithm.sha256.hash(message),
            signature: try signature(for: message),
            hint: publicKey.hint
        )
    }

    static func bundle(of digest: [UInt8], signature: [UInt8], hint: String) throws -> [UInt8] {
        let json = BundleText(
            mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
            verificationMaterial: BundleText.Material(publicKey: BundleText.Key(hint: hint)),
            messageSignature: BundleText.Message(
                messageDigest: BundleText.MessageDigest(
                    algorithm: "SHA2_256",
                    digest: Data(digest).base64EncodedString()
                ),
                signature: Data(signature).base64EncodedString()
            )
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(json))
    }
}

/// A bundle as it is written.
private struct BundleText: Encodable {
    struct Key: Encodable { var hint: String }
    struct Material: Encodable { var publicKey: Key }
    struct MessageDigest: Encodable {
        var algorithm: String
        var digest: String
    }
    struct Message: Encodable {
        var messageDigest: MessageDigest
        var signature: String
    }
    var mediaType: String
    var verificationMaterial: Material
    var messageSignature: Message
}
