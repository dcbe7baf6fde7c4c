public import ContainerImage

/// A signature that was found, and what it claims. Only ``isValid(by:for:manifest:)`` tells whether it is true.
public struct ImageSignature: Sendable {
    /// Where a signature is kept.
    public enum Form: String, Sendable {
        /// Under a tag of cosign's.
        case tag
        /// In a bundle that refers to the image.
        case bundle
    }

    enum Content: Sendable {
        case payload(SimpleSigningPayload, bytes: [UInt8], signature: [UInt8])
        case statement(InTotoStatement, DSSEEnvelope)
        case message(Digest, signature: [UInt8])
    }

    /// Where it is kept.
    public let form: Form
    /// What may tell the key; nil for none.
    public let hint: String?
    /// The certificate that it is by, with what tells when; nil for a key.
    let evidence: CertificateEvidence?
    /// Entries of logs that it has.
    let entries: [LogEntry]
    let content: Content

    /// The most signatures of one image that are read.
    public static let countLimit = 1000
    /// The longest payload, envelope or bundle that is read, in bytes.
    public static let sizeLimit = Int64(SignatureContent.sizeLimit)

    /// Reads a layer that cosign keeps under a tag `….sig`.
    ///
    /// - Throws: `SignatureContentError` where it is none.
    public init(payload bytes: [UInt8], annotations: [String: String]?) throws(SignatureContentError) {
        let payload = try SimpleSigningPayload(bytes)
        guard let text = annotations?[SimpleSigningPayload.signatureAnnotation] else {
            throw SignatureContentError("it has no annotation '\(SimpleSigningPayload.signatureAnnotation)'")
        }
        form = .tag
        hint = nil
        evidence = try CertificateEvidence(annotations: annotations ?? [:])
        if let evidence {
            entries = evidence.entries
        } else {
            entries =
                try annotations?[LogEntry.annotation].map { entry throws(SignatureContentError) in
                    [try LogEntry(annotation: entry)]
                } ?? []
        }
        content = .payload(
            payload,
            bytes: bytes,
            signature: try SignatureContent.bytes(ofBase64: text, "its signature")
        )
    }

    /// Reads a layer that cosign keeps under a tag `….att`.
    ///
    /// - Throws: `SignatureContentError` where it is none.
    public init(
        attestation bytes: [UInt8],
        annotations: [String: String]? = nil
    ) throws(SignatureContentError) {
        form = .tag
        hint = nil
        evidence = try CertificateEvidence(annotations: annotations ?? [:])
        entries = evidence?.entries ?? []
        content = try Self.statement(in: try DSSEEnvelope(bytes))
    }

    /// Reads a bundle.
    ///
    /// - Throws: `SignatureContentError` where it is none.
    public init(bundle bytes: [UInt8]) throws(SignatureContentError) {
        let bundle = try SigstoreBundle(bytes)
        form = .bundle
        switch bundle.material {
        case .publicKey(let hint):
            self.hint = hint.isEmpty ? nil : hint
            evidence = nil
        case .certificate(let evidence):
            hint = nil
            self.evidence = evidence
        }
        entries = bundle.entries
        switch bundle.content {
        case .envelope(let envelope): content = try Self.statement(in: envelope)
        case .message(let digest, let signature): content = .message(digest, signature: signature)
        }
    }

    private static func statement(in envelope: DSSEEnvelope) throws(SignatureContentError) -> Content {
        guard envelope.payloadType == DSSEEnvelope.inTotoType else {
            throw SignatureContentError("its payload is of the unsupported type '\(envelope.payloadType)'")
        }
        return .statement(try InTotoStatement(envelope.payload), envelope)
    }

    /// What an attestation says; nil for a signature.
    public var predicateType: String? {
        guard case .statement(let statement, _) = content, statement.predicateType != InTotoStatement.cosignSignature
        else { return nil }
        return statement.predicateType
    }

    /// Whether it claims to be one of the manifest of `digest`.
    public func claims(_ digest: Digest) -> Bool {
        switch content {
        case .payload(let payload, _, _): payload.digest == digest
        case .statement(let statement, _): !statement.subjects(of: digest).isEmpty
        case .message(let signed, _): signed == digest
        }
    }

    /// The manifests that it claims to be one of, as texts.
    public var claimedDigests: [String] {
        switch content {
        case .payload(let payload, _, _): [payload.digest.description]
        case .statement(let statement, _):
            statement.subjects.flatMap { $0.digests.sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" } }
        case .message(let signed, _): [signed.description]
        }
    }

    /// What the signer calls the manifest of `digest`; empty where that isn't said.
    public func claimedReferences(for digest: Digest) -> [String] {
        switch content {
        case .payload(let payload, _, _): payload.reference.isEmpty ? [] : [payload.reference]
        case .statement(let statement, _): statement.subjects(of: digest).map(\.name).filter { !$0.isEmpty }
        case .message: []
        }
    }

    /// Whether the owner of `key` signed it, for the manifest of `digest`.
    ///
    /// - Parameter manifest: The manifest's bytes, of which a bundle may have the digest alone.
    public func isValid(by key: PublicKey, for digest: Digest, manifest: [UInt8]) -> Bool {
        guard claims(digest) else { return false }
        return switch content {
        case .payload(_, let bytes, let signature): key.isValid(signature, for: bytes)
        case .statement(_, let envelope):
            envelope.signatures.contains { key.isValid($0, for: envelope.signedBytes) }
        case .message(_, let signature): digest.matches(manifest) && key.isValid(signature, for: manifest)
        }
    }
}
