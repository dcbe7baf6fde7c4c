import ContainerImage
import FoundationEssentials
import SwiftASN1
import X509

/// A certificate that a signature is by, and what tells when it was made.
struct CertificateEvidence: Sendable {
    let certificate: SigningCertificate
    /// Certificates that came with it, between it and a root. They prove nothing by themselves.
    var intermediates: [Certificate] = []
    var entries: [LogEntry] = []
    /// Responses of authorities (RFC 3161).
    var timestamps: [[UInt8]] = []
    /// Whether log entries must have proofs of the log, not only its promise.
    var needsProof = true

    /// The most timestamps that a signature may have.
    static let timestampLimit = 16

    /// Makes sure that the owner of the certificate made `signed` while it was valid, by all that `root` has.
    ///
    /// - Returns: When the signature was there.
    func check(_ signed: LogEntryBody.Signed, by root: TrustedRoot) async throws(UntrustedSignerError) -> Date {
        guard !entries.isEmpty else { throw UntrustedSignerError("it has no log entry") }
        var times: [Date] = []
        for entry in entries {
            if let time = try entry.check(by: root, needsProof: needsProof) { times.append(time) }
            try LogEntryBody.check(entry, of: signed)
        }
        var problem: UntrustedSignerError?
        for response in timestamps {
            do throws(UntrustedSignerError) {
                times.append(try await Self.time(response, of: signed.signature, by: root))
            } catch {
                problem = error
            }
        }
        guard let first = times.first else {
            throw problem ?? UntrustedSignerError("nothing tells when it was made: it has no timestamp, and no promise")
        }
        for time in times {
            try await certificate.check(at: time, in: root, intermediates: intermediates)
            // A log that gives no time itself was in use then, too.
            for entry in entries where root.signatureLog(of: entry.logID)?.period?.contains(time) == false {
                throw UntrustedSignerError("its log was not in use at \(time.formatted(.iso8601))")
            }
        }
        return first
    }

    private static func time(
        _ response: [UInt8],
        of signature: [UInt8],
        by root: TrustedRoot
    ) async throws(UntrustedSignerError) -> Date {
        let token: TimestampToken
        do throws(SignatureContentError) {
            token = try TimestampToken(response)
        } catch {
            throw UntrustedSignerError(error.description)
        }
        return try await token.check(signature, by: root)
    }
}

extension CertificateEvidence {
    private struct Annotation: Decodable { var SignedRFC3161Timestamp: String }

    /// What cosign keeps in annotations of a signature; nil where there is no certificate.
    init?(annotations: [String: String]) throws(SignatureContentError) {
        guard let text = annotations["dev.sigstore.cosign/certificate"] else { return nil }
        certificate = try SigningCertificate(pem: text)
        needsProof = false
        if let chain = annotations["dev.sigstore.cosign/chain"] {
            for der in try SigningCertificate.certificates(pem: chain).prefix(Self.timestampLimit) {
                if let certificate = try? Certificate(derEncoded: der) { intermediates.append(certificate) }
            }
        }
        if let entry = annotations[LogEntry.annotation] { entries = [try LogEntry(annotation: entry)] }
        if let text = annotations["dev.sigstore.cosign/rfc3161timestamp"] {
            let json = try SignatureContent.decode(Annotation.self, from: Array(text.utf8), .anything)
            timestamps = [try SignatureContent.bytes(ofBase64: json.SignedRFC3161Timestamp, "its timestamp")]
        }
    }
}
