import ContainerImage
import FoundationEssentials
import Signatures
import Testing

@Suite("Certificates of those who sign")
struct CertificateTests {
    private typealias Fixture = CertificateFixtures

    static func policy(
        _ subject: CertificateIdentity.Pattern = .exact(Fixture.identity),
        _ issuer: CertificateIdentity.Pattern = .exact(Fixture.issuer),
        root: String = Fixture.root
    ) throws -> SignaturePolicy {
        let root = try TrustedRoot(Array(root.utf8), name: "trusted_root.json")
        return SignaturePolicy(identities: [CertificateIdentity(subject: subject, issuer: issuer, root: root)])
    }

    static func verdict(_ policy: SignaturePolicy, _ signature: ImageSignature) async throws -> SignatureVerdict {
        let digest = try Digest(Fixtures.digest)
        let subject = SignedSubject(
            digest: digest,
            manifest: ImageSignatureTests.manifest,
            signatures: [signature]
        )
        let image = DigestReference(repository: try Repository(Fixtures.reference), digest: digest)
        return await policy.verdict(on: image, signed: [subject])
    }

    /// What there is against a bundle; empty for nothing.
    static func problem(_ bundle: String, _ policy: SignaturePolicy) async throws -> String {
        do {
            let verdict = try await verdict(policy, try ImageSignature(bundle: Array(bundle.utf8)))
            return verdict.problems.joined(separator: "; ")
        } catch let error as SignatureContentError {
            return error.description
        }
    }

    @Test("A signature counts whose certificate was valid when it was made", arguments: Fixture.valid.indices)
    func valid(index: Int) async throws {
        let bundle = Fixture.valid[index].bundle
        let verdict = try await Self.verdict(try Self.policy(), try ImageSignature(bundle: Array(bundle.utf8)))
        #expect(verdict.problems == [], "\(Fixture.valid[index].name)")
        let proof = try #require(verdict.proofs.first)
        #expect(proof.key == Fixture.identity && proof.issuer == Fixture.issuer && proof.form == .bundle)
        #expect(abs((proof.signedAt ?? 0) - Fixture.time) < 120)
    }

    @Test("What a certificate lacks, or a log says otherwise, is told", arguments: Fixture.invalid.indices)
    func invalid(index: Int) async throws {
        let (name, bundle, reason) = Fixture.invalid[index]
        let problem = try await Self.problem(bundle, try Self.policy())
        #expect(problem.contains(reason), "\(name): \(problem)")
    }

    @Test("Another identity or issuer won't do, in whatever spelling")
    func identities() async throws {
        let bundle = Fixture.valid[0].bundle
        let others = ["", "x", Fixture.identity + "/", Fixture.identity.uppercased(), "https://git.example.com/.*"]
        for other in others {
            let problem = try await Self.problem(bundle, try Self.policy(.exact(other)))
            #expect(problem.contains("by a certificate for \(Fixture.identity) (\(Fixture.issuer))"), "\(other)")
            #expect(try await !Self.problem(bundle, try Self.policy(.exact(Fixture.identity), .exact(other))).isEmpty)
        }
        let (email, issuer) = (CertificateIdentity.Pattern.exact(Fixture.email), Self.issuer)
        #expect(try await Self.problem(Fixture.emailBundle, try Self.policy(email, issuer)) == "")
        #expect(try await Self.problem(Fixture.userBundle, try Self.policy(.exact("dev!team"), issuer)) == "")
    }

    private static let issuer = CertificateIdentity.Pattern.exact(Fixture.issuer)

    @Test("A regular expression must match the whole identity")
    func expressions() async throws {
        let bundle = Fixture.valid[0].bundle
        for (text, matches) in [
            "https://git\\.example\\.com/team/.*": true, "git\\.example\\.com": false, "x|.+": true,
        ] {
            let pattern = try CertificateIdentity.Pattern(expression: text)
            #expect(try await Self.problem(bundle, try Self.policy(pattern, Self.issuer)).isEmpty == matches, "\(text)")
        }
        for text in ["", "(", "[a"] {
            #expect(throws: PatternError.self) { try CertificateIdentity.Pattern(expression: text) }
        }
    }

    @Test("No byte of a signature, certificate, entry, proof or timestamp can be another one", arguments: [0, 3])
    func flips(index: Int) async throws {
        let policy = try Self.policy()
        let bytes = Array(Fixture.valid[index].bundle.utf8)
        var accepted: [String] = []
        for position in stride(from: index, to: bytes.count, by: 23)
        where Self.isLetter(bytes[position]) && !Self.isFree(position, in: bytes) {
            var changed = bytes
            changed[position] = bytes[position] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            if try await Self.problem(String(decoding: changed, as: UTF8.self), policy).isEmpty {
                accepted.append(String(decoding: changed[max(0, position - 30)...position], as: UTF8.self))
            }
        }
        #expect(accepted == [])
    }

    /// Whether a byte isn't signed: the name before a note's signature, and what a timestamp says of itself.
    private static func isFree(_ position: Int, in bytes: [UInt8]) -> Bool {
        [(#"\u2014 "#, " "), (#""signedTimestamp":""#, "\"")].contains { begin, end in
            bytes[..<position].ranges(of: Array(begin.utf8)).last.map { start in
                bytes[start.upperBound...].firstRange(of: Array(end.utf8)).map { position < $0.lowerBound } == true
            } == true
        }
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }

    @Test("No byte of a timestamp can be changed so that it tells of another time")
    func timestampFlips() async throws {
        let policy = try Self.policy()
        let (bundle, begin) = (Array(Fixture.valid[3].bundle.utf8), Array(#""signedTimestamp":""#.utf8))
        let start = try #require(bundle.firstRange(of: begin)).upperBound
        let end = try #require(bundle[start...].firstIndex(of: UInt8(ascii: "\"")))
        let bytes = Array(try #require(Data(base64Encoded: Data(bundle[start..<end]))))
        for position in stride(from: 0, to: bytes.count, by: 5) {
            var changed = bytes
            changed[position] ^= 1
            let text = bundle[..<start] + Data(changed).base64EncodedString().utf8 + bundle[end...]
            guard let signature = try? ImageSignature(bundle: Array(text)) else { continue }
            let verdict = try await Self.verdict(policy, signature)
            #expect(!verdict.isAccepted || abs((verdict.proofs[0].signedAt ?? 0) - Fixture.time) < 120)
        }
    }

    @Test("What cosign keeps in annotations counts, too")
    func annotations() async throws {
        let payload = Array(Fixture.payload.utf8)
        let signature = try ImageSignature(payload: payload, annotations: Fixture.annotations)
        let verdict = try await Self.verdict(try Self.policy(), signature)
        #expect(verdict.problems == [] && verdict.proofs.map(\.form) == [.tag])
        #expect(verdict.proofs.first?.signedAt == Fixture.time)
        var without = Fixture.annotations
        without["dev.sigstore.cosign/bundle"] = nil
        let problems = try await Self.verdict(try Self.policy(), ImageSignature(payload: payload, annotations: without))
        #expect(problems.problems.first?.contains("no log entry") == true)
    }

    @Test(
        "A trusted root with a fault is refused",
        arguments: [
            "", "{}", #"{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}"#,
            Fixture.root.replacing("version=0.1", with: "version=9"),
            Fixture.root.replacing("\"start\"", with: "\"begin\""),
            Fixture.root.replacing("\"rawBytes\":\"MII", with: "\"rawBytes\":\"MIx"),
            Fixture.root.replacing("\"rawBytes\":\"M", with: "\"rawBytes\":\"!"),
            Fixture.root.replacing("\"tlogs\":", with: "\"tlogs\":[],\"tlogs\":"),
        ]
    )
    func badRoot(text: String) {
        #expect(throws: TrustedRootError.self) { try TrustedRoot(Array(text.utf8), name: "trusted_root.json") }
    }
}

@Suite("Policies of certificates")
struct CertificatePolicyTests {
    private typealias Fixture = CertificateFixtures

    private static let files = [
        "/ca.pem": Fixture.authorities, "/root.pem": Fixture.rootAlone, "/rekor.pub": Fixture.logKey,
        "/other.pub": Fixture.otherLogKey, "/key.pub": Fixture.key, "root.json": Fixture.root,
    ]

    private static func isAccepted(_ policy: String, _ annotations: [String: String]) async throws -> Bool {
        let file = try SignaturePolicyFile(Array(policy.utf8), path: "policy.json") { Array((files[$0] ?? "").utf8) }
        let signature = try ImageSignature(payload: Array(Fixture.payload.utf8), annotations: annotations)
        let digest = try Digest(Fixtures.digest)
        let subject = SignedSubject(digest: digest, manifest: ImageSignatureTests.manifest, signatures: [signature])
        let image = DigestReference(repository: try Repository(Fixtures.reference), digest: digest)
        return await SignaturePolicy(files: [file]).verdict(on: image, signed: [subject]).isAccepted
    }

    private static func containers(_ fields: String) -> String {
        #"{"default":[{"type":"sigstoreSigned",\#(fields)}]}"#
    }

    @Test("containers-policy.json: Fulcio's certificates, and entries of a log beside keys")
    func containers() async throws {
        func fulcio(_ authority: String = "/root.pem", issuer: String = Fixture.issuer, log: String = "/rekor.pub")
            -> String
        {
            Self.containers(
                #""fulcio":{"caPath":"\#(authority)","oidcIssuer":"\#(issuer)","subjectEmail":"\#(Fixture.identity)"},"#
                    + #""rekorPublicKeyPath":"\#(log)""#
            )
        }
        #expect(try await Self.isAccepted(fulcio(), Fixture.annotations))
        #expect(try await Self.isAccepted(fulcio("/ca.pem"), Fixture.annotations))
        #expect(try await !Self.isAccepted(fulcio(issuer: "https://x"), Fixture.annotations))
        #expect(try await !Self.isAccepted(fulcio(log: "/other.pub"), Fixture.annotations))
        #expect(try await !Self.isAccepted(fulcio(), Fixture.keyAnnotations))
        let key = Self.containers(#""keyPath":"/key.pub","rekorPublicKeyPath":"/rekor.pub""#)
        #expect(try await Self.isAccepted(key, Fixture.keyAnnotations))
        let others = Self.containers(#""keyPath":"/key.pub","rekorPublicKeyPaths":["/other.pub"]"#)
        #expect(try await !Self.isAccepted(others, Fixture.keyAnnotations))
        var without = Fixture.keyAnnotations
        without["dev.sigstore.cosign/bundle"] = nil
        #expect(try await !Self.isAccepted(key, without))
    }

    @Test(
        "A policy of certificates that lacks something is refused",
        arguments: [
            #""fulcio":{"caPath":"/root.pem","oidcIssuer":"i","subjectEmail":"e"}"#,
            #""fulcio":{"caPath":"/root.pem","oidcIssuer":"i"},"rekorPublicKeyPath":"/rekor.pub""#,
            #""fulcio":{"caPath":"/key.pub","oidcIssuer":"i","subjectEmail":"e"},"rekorPublicKeyPath":"/rekor.pub""#,
            #""fulcio":{"oidcIssuer":"i","subjectEmail":"e"},"rekorPublicKeyPath":"/rekor.pub""#,
            #""keyPath":"/key.pub","rekorPublicKeyPath":"/rekor.pub","rekorPublicKeyPaths":["/rekor.pub"]"#,
        ]
    )
    func refused(fields: String) async {
        await #expect(throws: (any Error).self) {
            _ = try await Self.isAccepted(Self.containers(fields), Fixture.annotations)
        }
    }

    @Test("Our own kind: identities beside keys")
    func rules() async throws {
        func rule(_ fields: String) -> String {
            """
            apiVersion: kbld.k14s.io/v1alpha1
            kind: SignaturePolicy
            rules:
            - images: ["**"]
              keys: [/key.pub]
              identities:
              - {trustedRoot: root.json, issuer: "\(Fixture.issuer)", \(fields)}
            """
        }
        let policy = rule(#"identityRegexp: "https://git[.]example[.]com/.*""#)
        #expect(try await Self.isAccepted(policy, Fixture.annotations))
        #expect(try await Self.isAccepted(policy, Fixture.keyAnnotations))
        #expect(try await !Self.isAccepted(rule("identity: x"), Fixture.annotations))
        for fields in ["identity: x, identityRegexp: x", #"identityRegexp: "(""#, "subject: x"] {
            await #expect(throws: PolicyError.self) { try await Self.isAccepted(rule(fields), Fixture.annotations) }
        }
    }
}
