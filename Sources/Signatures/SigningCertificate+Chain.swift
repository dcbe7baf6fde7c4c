import FoundationEssentials
import SwiftASN1
@_spi(FixedExpiryValidationTime) import X509

extension SigningCertificate {
    /// The chain from this certificate to a root, if it was valid at `time`: RFC 5280, for signatures of code.
    func chain(
        at time: Date,
        in root: TrustedRoot,
        intermediates: [Certificate] = []
    ) async throws(UntrustedSignerError) -> [Certificate] {
        let (from, until) = (certificate.notValidBefore, certificate.notValidAfter)
        guard (from...max(from, until)).contains(time) else {
            throw UntrustedSignerError(
                "its certificate is not valid at \(time.formatted(.iso8601)), but from \(from.formatted(.iso8601)) to "
                    + until.formatted(.iso8601)
            )
        }
        var reasons: [String] = []
        for authority in root.certificateAuthorities {
            guard authority.period.contains(time) else {
                reasons.append("an authority was not trusted at \(time.formatted(.iso8601))")
                continue
            }
            do throws(UntrustedSignerError) {
                return try await Self.chain(
                    from: certificate,
                    for: .codeSigning,
                    at: time,
                    to: authority.chain,
                    intermediates
                )
            } catch {
                reasons.append(error.description)
            }
        }
        throw UntrustedSignerError(
            "its certificate is not valid at \(time.formatted(.iso8601)) by the trusted root '\(root.name)'"
                + (reasons.last.map { ": \($0)" } ?? "")
        )
    }

    /// The chain from `leaf` to the last of `authority`, if it was valid at `time`.
    static func chain(
        from leaf: Certificate,
        for usage: ExtendedKeyUsage.Usage,
        at time: Date,
        to authority: [Certificate],
        _ intermediates: [Certificate]
    ) async throws(UntrustedSignerError) -> [Certificate] {
        guard let root = authority.last, leaf != root else {
            throw UntrustedSignerError("it is a root, which signs nothing but certificates")
        }
        var verifier = Verifier(rootCertificates: CertificateStore([root])) {
            SigningUsagePolicy(usage: usage)
            RFC5280Policy(fixedExpiryValidationTime: time)
        }
        let store = CertificateStore(authority.dropLast() + intermediates)
        switch await verifier.validate(leaf: leaf, intermediates: store) {
        case .validCertificate(let chain): return Array(chain)
        case .couldNotValidate(let failures):
            let reason = failures.last.map { "\($0.policyFailureReason)" } ?? "no chain leads to an authority"
            // Others describe whole certificates.
            throw UntrustedSignerError(
                reason.contains("Certificate(") ? "the chain to the authority was not valid then" : reason
            )
        }
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
