import FoundationEssentials
import SwiftASN1
@_spi(FixedExpiryValidationTime) import X509

extension SigningCertificate {
    /// Makes sure that it was valid at `time`, and that a log has it: RFC 5280, for signatures of code.
    func check(
        at time: Date,
        in root: TrustedRoot,
        intermediates: [Certificate] = []
    ) async throws(UntrustedSignerError) {
        let (from, until) = (certificate.notValidBefore, certificate.notValidAfter)
        guard (from...max(from, until)).contains(time) else {
            throw UntrustedSignerError(
                "its certificate is not valid at \(time.formatted(.iso8601)), but from \(from.formatted(.iso8601)) to "
                    + until.formatted(.iso8601)
            )
        }
        let key = KnownCertificates.Key(der: der, intermediates: intermediates)
        if root.knownCertificates.contains(key, at: time) { return }
        var reasons: [String] = []
        for authority in root.certificateAuthorities {
            guard authority.period.contains(time) else {
                reasons.append("an authority was not trusted at \(time.formatted(.iso8601))")
                continue
            }
            let chain: [Certificate]
            do throws(UntrustedSignerError) {
                chain = try await Self.chain(
                    from: certificate,
                    for: .codeSigning,
                    at: time,
                    to: authority,
                    intermediates
                )
            } catch {
                reasons.append(error.description)
                continue
            }
            try SignedCertificateTimestamp.check(chain, by: root)
            root.knownCertificates.note(key, chain, of: authority)
            return
        }
        throw UntrustedSignerError(
            "its certificate is not valid at \(time.formatted(.iso8601)) by the trusted root '\(root.name)'"
                + (reasons.last.map { ": \($0)" } ?? "")
        )
    }

    /// The chain from `leaf` to the last of `authority`, or to a part of it that is known, if it was valid at `time`.
    static func chain(
        from leaf: Certificate,
        for usage: ExtendedKeyUsage.Usage,
        at time: Date,
        to authority: TrustedRoot.Authority,
        _ intermediates: [Certificate]
    ) async throws(UntrustedSignerError) -> [Certificate] {
        guard let root = authority.chain.last, leaf != root else {
            throw UntrustedSignerError("it is a root, which signs nothing but certificates")
        }
        func verify(
            _ trusted: Certificate,
            _ others: CertificateStore
        ) async -> CertificateValidationResult {
            var verifier = Verifier(rootCertificates: CertificateStore([trusted])) {
                SigningUsagePolicy(usage: usage)
                RFC5280Policy(fixedExpiryValidationTime: time)
            }
            return await verifier.validate(leaf: leaf, intermediates: others)
        }
        if let issuer = authority.knownIssuer(of: leaf, at: time),
            case .validCertificate(let chain) = await verify(issuer, CertificateStore())
        {
            return Array(chain)
        }
        switch await verify(root, CertificateStore(authority.chain.dropLast() + intermediates)) {
        case .validCertificate(let chain):
            authority.noteIssuers(in: Array(chain))
            return Array(chain)
        case .couldNotValidate(let failures):
            let reason = failures.last.map { "\($0.policyFailureReason)" } ?? "no chain leads to an authority"
            // Others describe whole certificates.
            throw UntrustedSignerError(
                reason.contains("Certificate(") ? "the chain to the authority was not valid then" : reason
            )
        }
    }
}

extension TrustedRoot.Authority {
    /// The first of its chain, where that issued `leaf` and the whole chain is known to be valid at `time`.
    fileprivate func knownIssuer(of leaf: Certificate, at time: Date) -> Certificate? {
        guard let issuer = chain.first, issuer.subject == leaf.issuer, knownSpan.contains(time) else { return nil }
        return issuer
    }

    /// Notes the certificates above the first of `found`, which was found to be valid, if they are this authority's own:
    /// they are valid for all that is below them, as long as none of them constrains the names there.
    fileprivate func noteIssuers(in found: [Certificate]) {
        guard chain.count > 1, found.dropFirst().elementsEqual(chain),
            !chain.dropFirst().contains(where: { $0.extensions[oid: .X509ExtensionID.nameConstraints] != nil })
        else { return }
        knownSpan.note(chain)
    }
}

/// What certificates may be used for: RFC 5280, sections 4.2.1.3 and 4.2.1.12.
private struct SigningUsagePolicy: VerifierPolicy {
    let usage: ExtendedKeyUsage.Usage

    /// Who signed is compared with names of these by whoever asks for the chain.
    let verifyingCriticalExtensions: [ASN1ObjectIdentifier] = [
        .X509ExtensionID.subjectAlternativeName, .X509ExtensionID.extendedKeyUsage,
    ]

    func chainMeetsPolicyRequirements(chain: UnverifiedCertificateChain) -> PolicyEvaluationResult {
        do {
            for (index, certificate) in chain.enumerated() {
                let keyUsage = try certificate.extensions.keyUsage
                let usages = try certificate.extensions.extendedKeyUsage
                if index == 0 {
                    if case .isCertificateAuthority = try certificate.extensions.basicConstraints {
                        return .failsToMeetPolicy(reason: "the certificate is an authority's")
                    }
                    guard usages?.contains(usage) == true, keyUsage?.digitalSignature != false else {
                        return .failsToMeetPolicy(reason: "the certificate isn't for signatures of this kind")
                    }
                } else if keyUsage?.keyCertSign == false {
                    return .failsToMeetPolicy(reason: "an issuer's certificate isn't for signing certificates")
                } else if let usages, !usages.isEmpty, !usages.contains(usage), !usages.contains(.any) {
                    return .failsToMeetPolicy(reason: "an issuer's certificate isn't for signatures of this kind")
                }
            }
        } catch {
            return .failsToMeetPolicy(reason: "an extension of a certificate is damaged")
        }
        return .meetsPolicy
    }
}
