import ContainerImage
import FoundationEssentials

extension ImageSignature {
    /// What a log must have of it.
    private func logged(_ manifest: [UInt8], by verifier: [UInt8]) -> LogEntryBody.Signed {
        switch content {
        case .payload(_, let bytes, let signature):
            LogEntryBody.Signed(
                digest: HashAlgorithm.sha256.hash(bytes),
                signature: signature,
                payload: nil,
                verifier: verifier
            )
        case .statement(_, let envelope):
            LogEntryBody.Signed(
                digest: HashAlgorithm.sha256.hash(envelope.signedBytes),
                signature: envelope.signatures.count == 1 ? envelope.signatures[0] : [],
                payload: envelope.payload,
                verifier: verifier
            )
        case .message(_, let signature):
            LogEntryBody.Signed(
                digest: HashAlgorithm.sha256.hash(manifest),
                signature: signature,
                payload: nil,
                verifier: verifier
            )
        }
    }

    /// Makes sure that a log of `root` has it as a signature by `key`.
    func checkLog(
        by key: PublicKey,
        _ manifest: [UInt8],
        in root: TrustedRoot
    ) throws(UntrustedSignerError) {
        guard !entries.isEmpty else { throw UntrustedSignerError("without a log entry") }
        let signed = logged(manifest, by: key.der)
        for entry in entries {
            _ = try entry.check(by: root, needsProof: false)
            try LogEntryBody.check(entry, of: signed)
        }
    }

    /// Makes sure that the owner of its certificate made it for the manifest of `digest`, while the certificate was
    /// valid.
    ///
    /// - Returns: When it was there.
    func checkCertificate(
        _ evidence: CertificateEvidence,
        for digest: Digest,
        manifest: [UInt8],
        by root: TrustedRoot
    ) async throws(UntrustedSignerError) -> Date {
        guard isValid(by: evidence.certificate.key, for: digest, manifest: manifest) else {
            throw UntrustedSignerError("it is not by the key of its certificate")
        }
        return try await evidence.check(logged(manifest, by: evidence.certificate.der), by: root)
    }
}
