import FoundationEssentials
import Signatures
import Testing

/// What is known of certificates, authorities and logs from signatures before.
extension CertificateTests {
    private typealias Fixture = CertificateFixtures

    @Test("What a policy knows from one signature changes nothing of what it says of others")
    func shared() async throws {
        let policy = try Self.policy(try .init(expression: ".*"), try .init(expression: ".*"))
        let bundles = Fixture.valid.map(\.bundle) + Fixture.invalid.map(\.bundle)
        for bundle in bundles + bundles.reversed() {
            let alone = try Self.policy(try .init(expression: ".*"), try .init(expression: ".*"))
            #expect(try await Self.problem(bundle, policy) == Self.problem(bundle, alone))
        }
    }

    @Test("A known certificate counts at no time at which it, or its authority, isn't trusted")
    func knownAtAnotherTime() async throws {
        let (bundle, later) = (Fixture.valid[0].bundle, Fixture.laterBundle)
        let end = Date(timeIntervalSince1970: Double(Fixture.time + 90)).formatted(.iso8601)
        let ended = Fixture.root.replacing(#""}}],"ctlogs""#, with: #"","end":"\#(end)"}}],"ctlogs""#)
        try #require(ended != Fixture.root)
        let expired = try #require(Fixture.invalid.first { $0.name == "after the certificate expired" }).bundle
        for order in [[bundle, later, expired], [later, bundle, expired], [expired, later, later, bundle, bundle]] {
            let (policy, endedPolicy) = (try Self.policy(), try Self.policy(root: ended))
            for signed in order {
                let problem = try await Self.problem(signed, policy)
                #expect(signed == expired ? problem.contains("not valid at") : problem.isEmpty, "\(problem)")
                let endedProblem = try await Self.problem(signed, endedPolicy)
                switch signed {
                case bundle: #expect(endedProblem == "")
                case later: #expect(endedProblem.contains("an authority was not trusted at"), "\(endedProblem)")
                default: #expect(endedProblem.contains("not valid at"), "\(endedProblem)")
                }
            }
        }
    }

    @Test("A known authority issues no names that those above it don't permit")
    func knownConstraints() async throws {
        let all = try CertificateIdentity.Pattern(expression: ".*")
        let (permitted, excluded) = (Fixture.permittedBundle, Fixture.excludedBundle)
        for order in [[permitted, permitted, excluded, excluded], [excluded, permitted, excluded, permitted]] {
            let policy = try Self.policy(all, root: Fixture.strictRoot)
            for bundle in order {
                let problem = try await Self.problem(bundle, policy)
                #expect(bundle == permitted ? problem == "" : problem.contains("not valid at"), "\(problem)")
            }
        }
    }

    @Test("A known certificate needs the chain that it came with")
    func knownChain() async throws {
        let policy = #"""
            {"default":[{"type":"sigstoreSigned","fulcio":{"caPath":"root.pem","oidcIssuer":"\#(Fixture.issuer)",\#
            "subjectEmail":"\#(Fixture.identity)"},"rekorPublicKeyPath":"rekor.pub"}]}
            """#
        let file = try SignaturePolicyFile(Array(policy.utf8), path: "policy.json") {
            Array(($0 == "root.pem" ? Fixture.rootAlone : Fixture.logKey).utf8)
        }
        var without = Fixture.annotations
        without["dev.sigstore.cosign/chain"] = nil
        for first in [true, false] {
            let policy = SignaturePolicy(files: [file])
            for hasChain in [first, !first, first, !first] {
                let signature = try ImageSignature(
                    payload: Array(Fixture.payload.utf8),
                    annotations: hasChain ? Fixture.annotations : without
                )
                #expect(try await Self.verdict(policy, signature).isAccepted == hasChain)
            }
        }
    }

    @Test("A known checkpoint proves nothing of another entry")
    func knownCheckpoint() async throws {
        func proof(of bundle: String) throws -> Substring {
            let start = try #require(bundle.firstRange(of: #""inclusionProof":"#)).lowerBound
            let end = try #require(bundle[start...].firstRange(of: #","integratedTime""#)).lowerBound
            return bundle[start..<end]
        }
        let (bundle, later) = (Fixture.valid[0].bundle, Fixture.laterBundle)
        let swapped = bundle.replacing(try proof(of: bundle), with: try proof(of: later))
        let policy = try Self.policy()
        for bundle in [bundle, later] { #expect(try await Self.problem(bundle, policy) == "") }
        #expect(try await Self.problem(swapped, policy).contains("does not lead to the log's checkpoint"))
    }
}
