import ContainerImage

/// Looks for the signatures, or attestations, that one rule asks for.
struct SignatureSearch {
    let image: DigestReference
    let subjects: [SignedSubject]
    let rule: SignatureRule
    /// What must be attested; nil for signatures.
    let predicateType: String?

    private typealias Proof = SignatureVerdict.Proof

    /// Adds what was found to `verdict`.
    func run(_ verdict: inout SignatureVerdict) {
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
                let signers = rule.keys.filter { key in
                    proofs[key.hint] == nil
                        && signature.isValid(by: key, for: subject.digest, manifest: subject.manifest)
                }
                guard !signers.isEmpty else {
                    if !rule.keys.contains(where: { proofs[$0.hint] != nil }) {
                        others.append(Self.stranger(signature))
                    }
                    continue
                }
                if let reason = mismatch(of: signature, of: subject.digest) {
                    others.append("by \(Self.list(signers.map(\.name))), \(reason)")
                    continue
                }
                for key in signers {
                    proofs[key.hint] = Proof(
                        key: key.name,
                        fingerprint: key.fingerprint,
                        form: signature.form,
                        subject: subject.digest,
                        predicateType: predicateType
                    )
                }
            }
            if rule.needsAll ? rule.keys.allSatisfy({ proofs[$0.hint] != nil }) : !proofs.isEmpty { break }
        }
        let missing = rule.needsAll ? rule.keys.filter { proofs[$0.hint] == nil } : proofs.isEmpty ? rule.keys : []
        verdict.proofs += rule.keys.compactMap { proofs[$0.hint] }
        guard !missing.isEmpty || rule.keys.isEmpty else { return }
        let found = rule.keys.compactMap { proofs[$0.hint]?.key }
        var words = Self.words(on: others, kind: kind)
        if !found.isEmpty { words = "only that by \(Self.list(found))" + (others.isEmpty ? "" : ", and \(words)") }
        verdict.problems.append("looked for \(self.words(on: missing)); found \(words)")
    }

    private var kind: String { predicateType == nil ? "signature" : "attestation" }

    private func words(on missing: [PublicKey]) -> String {
        let what = predicateType.map { "an attestation of '\($0)'" } ?? "a signature"
        guard !missing.isEmpty else { return "\(what) by a key, and no key is given for it" }
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
        if signature.hasCertificate { return "by a certificate, which no key can check" }
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
        let limit = 200
        return text.utf8.count > limit ? String(text.unicodeScalars.prefix(limit)) + "…" : text
    }
}
