import ContainerImage
import FoundationEssentials

/// Looks for the signatures, or attestations, that one rule asks for.
struct SignatureSearch {
    let image: DigestReference
    let subjects: [SignedSubject]
    let rule: SignatureRule
    /// What must be attested; nil for signatures.
    let predicateType: String?

    private typealias Proof = SignatureVerdict.Proof

    /// Adds what was found to `verdict`.
    func run(_ verdict: inout SignatureVerdict) async {
        var proofs: [String: Proof] = [:]
        var others: [String] = []
        for subject in subjects {
            for signature in subject.signatures where signature.predicateType == predicateType {
                // One of an index among the subjects is looked at there.
                guard signature.claims(subject.digest) else {
                    let claimed = signature.claimedDigests
                    if !subjects.contains(where: { signature.claims($0.digest) }) {
                        others.append("of another digest: \(Self.list(claimed))")
                    }
                    continue
                }
                let (signers, problem) = await signers(of: signature, subject, without: Set(proofs.keys))
                guard !signers.isEmpty else {
                    if !rule.signers.contains(where: { proofs[$0.id] != nil }) {
                        others.append(problem ?? Self.stranger(signature))
                    }
                    continue
                }
                if let reason = mismatch(of: signature, of: subject.digest) {
                    others.append("by \(Self.list(signers.map(\.proof.key))), \(reason)")
                    continue
                }
                for (id, proof) in signers { proofs[id] = proof }
            }
            if rule.needsAll ? rule.signers.allSatisfy({ proofs[$0.id] != nil }) : !proofs.isEmpty { break }
        }
        let missing =
            rule.needsAll ? rule.signers.filter { proofs[$0.id] == nil } : proofs.isEmpty ? rule.signers : []
        verdict.proofs += rule.signers.compactMap { proofs[$0.id] }
        guard !missing.isEmpty || rule.signers.isEmpty else { return }
        let found = rule.signers.compactMap { proofs[$0.id]?.key }
        var words = Self.words(on: others, kind: kind)
        if !found.isEmpty { words = "only that by \(Self.list(found))" + (others.isEmpty ? "" : ", and \(words)") }
        verdict.problems.append("looked for \(self.words(on: missing)); found \(words)")
    }

    /// Those of the rule, without the ones that are found already, who made `signature`; what there is against it where
    /// that's more than that somebody else did.
    private func signers(
        of signature: ImageSignature,
        _ subject: SignedSubject,
        without known: Set<String>
    ) async -> (signers: [(id: String, proof: Proof)], problem: String?) {
        var signers: [(id: String, proof: Proof)] = []
        var problem: String?
        // What certificates are worth, by trusted roots.
        var times: [[UInt8]: Result<Date, UntrustedSignerError>] = [:]
        for signer in rule.signers where !known.contains(signer.id) {
            var proof = Proof(
                key: signer.name,
                fingerprint: "",
                form: signature.form,
                subject: subject.digest,
                predicateType: predicateType
            )
            do throws(UntrustedSignerError) {
                switch signer {
                case .key(let key):
                    guard signature.isValid(by: key, for: subject.digest, manifest: subject.manifest) else { continue }
                    if let logs = rule.logs { try signature.checkLog(by: key, subject.manifest, in: logs) }
                    proof.fingerprint = key.fingerprint
                case .identity(let identity):
                    guard let evidence = signature.evidence else { continue }
                    let certificate = evidence.certificate
                    let root = identity.root
                    var known = times[root.id]
                    if known == nil {
                        known = await Self.result { () async throws(UntrustedSignerError) in
                            try await signature.checkCertificate(
                                evidence,
                                for: subject.digest,
                                manifest: subject.manifest,
                                by: root
                            )
                        }
                        times[root.id] = known
                    }
                    guard let time = try known?.get(), let name = identity.subject(of: certificate) else { continue }
                    proof.key = name
                    proof.fingerprint = certificate.fingerprint
                    proof.issuer = certificate.issuer
                    proof.signedAt = Int64(time.timeIntervalSince1970)
                }
                signers.append((signer.id, proof))
            } catch {
                problem = problem ?? "\(Self.stranger(signature)) (\(Self.printable(error.description)))"
            }
        }
        return (signers, problem)
    }

    private static func result(
        _ check: () async throws(UntrustedSignerError) -> Date
    ) async -> Result<Date, UntrustedSignerError> {
        do throws(UntrustedSignerError) { return .success(try await check()) } catch { return .failure(error) }
    }

    private var kind: String { predicateType == nil ? "signature" : "attestation" }

    private func words(on missing: [AcceptedSigner]) -> String {
        let what = predicateType.map { "an attestation of '\($0)'" } ?? "a signature"
        guard !missing.isEmpty else { return "\(what) by a key or identity, and none is given for it" }
        return "\(what) by \(missing.map(\.name).joined(separator: rule.needsAll ? " and " : " or "))"
    }

    /// What the rule has against the name that a signature has for the image; nil for nothing.
    private func mismatch(of signature: ImageSignature, of digest: Digest) -> String? {
        guard let identity = rule.identity else { return nil }
        let names = signature.claimedReferences(for: digest)
        if names.isEmpty {
            return signature.form == .bundle && rule.allowsNamelessBundles ? nil : "which names no reference"
        }
        // An index is signed under its own name, in the same repository.
        let reference = DigestReference(repository: image.repository, digest: digest)
        return names.contains { identity.accepts($0, for: reference) } ? nil : "for \(Self.list(names))"
    }

    private static func stranger(_ signature: ImageSignature) -> String {
        if let certificate = signature.evidence?.certificate {
            let issuer = certificate.issuer.map { " (\(printable($0)))" } ?? ""
            return
                "by a certificate for \(certificate.subjects.isEmpty ? "nobody" : list(certificate.subjects))\(issuer)"
        }
        return signature.hint.map { "by other keys: SHA256:\(printable($0))" } ?? "by other keys"
    }

    private static func words(on others: [String], kind: String) -> String {
        guard !others.isEmpty else { return "none" }
        var reasons: [String] = []
        var keys: [String] = []
        for other in others {
            if other.hasPrefix("by other keys: ") {
                keys.append(String(other.dropFirst("by other keys: ".count)))
            } else if !reasons.contains(other) {
                reasons.append(other)
            }
        }
        if !keys.isEmpty {
            reasons.removeAll { $0 == "by other keys" }
            reasons.append("by other keys: \(list(keys))")
        }
        return "\(others.count) \(kind)\(others.count == 1 ? "" : "s"), \(reasons.joined(separator: "; "))"
    }

    /// The first of some texts, which may be many and whatever.
    private static func list(_ texts: [String]) -> String {
        var distinct: [String] = []
        for text in texts where !distinct.contains(text) { distinct.append(printable(text)) }
        let more = distinct.count - 3
        return distinct.prefix(3).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }

    private static func printable(_ text: String) -> String {
        let limit = 300
        return text.utf8.count > limit ? String(text.unicodeScalars.prefix(limit)) + "…" : text
    }
}
