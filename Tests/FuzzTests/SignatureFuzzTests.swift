import ContainerImage
import FoundationEssentials
import Signatures
import Testing

@Suite("Whatever is given as a signature or a policy, it is taken or refused")
struct SignatureFuzzTests {
    private static let digest = "sha256:" + String(repeating: "a1", count: 32)

    @Test("payloads, envelopes and bundles claim something that can be shown, or are refused")
    func signatures() async {
        let type = "https://in-toto.io/Statement/v1"
        let predicate = "https://sigstore.dev/cosign/sign/v1"
        let bundle = """
            {"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"publicKey":{"hint":"aa"}},\
            "messageSignature":{"messageDigest":{"algorithm":"SHA2_256",\
            "digest":"oM/HEnHW4njlfNMy/5V8P3BD/do1TEy7GQow1W76Ab8="},"signature":"MEUCIQ=="}}
            """
        let payload = """
            {"critical":{"identity":{"docker-reference":"r.io/a"},"image":{"docker-manifest-digest":"\(Self.digest)"},\
            "type":"cosign container image signature"},"optional":null}
            """
        let envelope = """
            {"payloadType":"application/vnd.in-toto+json","payload":"e30=","signatures":[{"sig":"MEUCIQ=="}]}
            """
        let statement = """
            {"_type":"\(type)","subject":[{"digest":{"sha256":"aa"}}],"predicateType":"\(predicate)","predicate":{}}
            """
        var fuzzer = Fuzzer(
            "signatures",
            seeds: [bundle, payload, envelope, statement],
            words: [
                "{", "}", "[", "]", "\"", "null", "\\u0000", "\"dsseEnvelope\":", "\"publicKey\":", "=", Self.digest,
            ]
        )
        await fuzzer.run { bytes in
            let found = [
                try? ImageSignature(payload: bytes, annotations: [SimpleSigningPayload.signatureAnnotation: "AAAA"]),
                try? ImageSignature(attestation: bytes), try? ImageSignature(bundle: bytes),
            ]
            for signature in found.compactMap(\.self) { #expect(!signature.claimedDigests.isEmpty) }
            if let statement = try? InTotoStatement(bytes) { #expect(!statement.subjects.isEmpty) }
        }
    }

    @Test("keys and policies are whole, or refused")
    func policies() async throws {
        let pem = """
            -----BEGIN PUBLIC KEY-----
            MCowBQYDK2VwAyEAPn+AREHoBaZ7wgS1zBqpxmLSGnyhxXj4lFxSdWVB8o8=
            -----END PUBLIC KEY-----
            """
        let policy = #"{"default":[{"type":"sigstoreSigned","keyPath":"k","signedIdentity":{"type":"matchExact"}}]}"#
        let rules = "apiVersion: kbld.k14s.io/v1alpha1\nkind: SignaturePolicy\nrules:\n- images: ['**']\n  keys: [k]\n"
        var fuzzer = Fuzzer(
            "keys and policies",
            seeds: [pem, policy, rules],
            words: [
                "-----BEGIN ", "-----END ", "PRIVATE KEY-----\n", "\n", "*", "**", "\"", "{", "}", "[", "]", "keys:",
                ": ",
            ]
        )
        let image = try DigestReference("r.io/a/b@\(Self.digest)")
        await fuzzer.run { bytes in
            if let key = try? PublicKey(pem: bytes, name: "k") { #expect(key.fingerprint.hasPrefix("SHA256:")) }
            guard let file = try? SignaturePolicyFile(bytes, path: "p", reading: { _ in Array(pem.utf8) }) else {
                return
            }
            #expect(!SignaturePolicy(files: [file]).requirements(for: image).isEmpty)
        }
    }

    @Test(
        "certificates, proofs, timestamps and trusted roots are read, or refused; none of what is changed is believed"
    )
    func certificates() async throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../IntegrationTests/Scripts/certificates.json")
        let fixture = try JSONDecoder().decode(CertificateFixture.self, from: try Data(contentsOf: file))
        let texts = fixture.texts
        let identity = CertificateIdentity(
            subject: .exact(fixture.identity),
            issuer: .exact(fixture.issuer),
            root: try TrustedRoot(Array(texts.root.utf8), name: "root")
        )
        let policy = SignaturePolicy(identities: [identity])
        let manifest = Array(fixture.manifest.utf8)
        let image = DigestReference(repository: try Repository("r.io/a"), digest: Digest(of: manifest))
        @Sendable func isBelieved(_ bundle: String) async -> Bool {
            guard let signature = try? ImageSignature(bundle: Array(bundle.utf8)) else { return false }
            let subject = SignedSubject(digest: image.digest, manifest: manifest, signatures: [signature])
            return await policy.verdict(on: image, signed: [subject]).isAccepted
        }
        #expect(await isBelieved(texts.bundle))
        let encoded = [texts.certificate, texts.timestamp, texts.body]
        let parts = encoded.map { Array(Data(base64Encoded: $0) ?? Data()) }
        let note = try JSONDecoder().decode(String.self, from: Data(texts.note.utf8))
        var fuzzer = Fuzzer(
            "certificates",
            seeds: parts + [Array(note.utf8), Array(texts.root.utf8)],
            words: ["\u{30}\u{5}", "\n\n", "\u{2014} ", "\"start\":", "\"rawBytes\":", "0", "-1"]
        )
        // One at a time, as each takes a check of what is signed.
        var turn = 0
        await fuzzer.run { bytes in
            _ = try? TrustedRoot(bytes, name: "root")
            turn = (turn + 1) % 4
            guard turn < parts.count else {
                let text = try? JSONEncoder().encode(String(decoding: bytes, as: UTF8.self))
                let other = String(decoding: text ?? Data(), as: UTF8.self)
                _ = await isBelieved(texts.bundle.replacing(texts.note, with: other))
                return
            }
            guard bytes != parts[turn] else { return }
            let changed = texts.bundle.replacing(encoded[turn], with: Data(bytes).base64EncodedString())
            // A timestamp says some things beside what is signed.
            if await isBelieved(changed) { #expect(turn == 1) }
        }
    }

    private struct CertificateFixture: Decodable {
        struct Texts: Decodable {
            var root: String
            var bundle: String
            var note: String
            var certificate: String
            var timestamp: String
            var body: String
        }
        var identity: String
        var issuer: String
        var manifest: String
        var texts: Texts
    }
}
