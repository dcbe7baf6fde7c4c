import ContainerImage
import FoundationEssentials
import Signatures
import Testing

@Suite("Signatures of images")
struct ImageSignatureTests {
    static let manifest = Array(Fixtures.manifest.utf8)

    static func tag(_ payload: String = Fixtures.payload, _ signature: String) throws(SignatureContentError)
        -> ImageSignature
    {
        try ImageSignature(
            payload: Array(payload.utf8),
            annotations: [SimpleSigningPayload.signatureAnnotation: signature]
        )
    }

    @Test("Payloads, bundles of statements and of messages are what they claim to be", arguments: Fixtures.kinds)
    func valid(kind: Fixtures.Kind) throws {
        let (key, digest) = (try PublicKeyTests.key(kind.pem), try Digest(Fixtures.digest))
        var signatures = try kind.signatures.map { try Self.tag(Fixtures.payload, $0) }
        signatures.append(try ImageSignature(bundle: Array(kind.bundle.utf8)))
        signatures.append(try ImageSignature(bundle: Array(kind.messageBundle.utf8)))
        let other = Digest(of: [1])
        for signature in signatures {
            #expect(signature.predicateType == nil)
            #expect(signature.isValid(by: key, for: digest, manifest: Self.manifest))
            #expect(!signature.isValid(by: key, for: other, manifest: [1]))
        }
        #expect(signatures[0].form == .tag && signatures[1...].last?.form == .bundle)
        #expect("SHA256:\(signatures[signatures.count - 2].hint ?? "")" == key.fingerprint)
        // A message's bytes are the manifest's, not only its digest.
        #expect(!signatures[signatures.count - 1].isValid(by: key, for: digest, manifest: [1]))
    }

    @Test("A bundle with any byte changed is refused, or no longer valid", arguments: Fixtures.kinds.prefix(1))
    func altered(kind: Fixtures.Kind) throws {
        let (key, digest) = (try PublicKeyTests.key(kind.pem), try Digest(Fixtures.digest))
        // What these say isn't signed; a hint is advice only.
        let unsigned = ["verificationMaterial", "publicKey", "hint", "tlogEntries", "timestampVerificationData"]
        for text in [kind.bundle, kind.messageBundle] {
            let bytes = Array(text.utf8)
            let hint = text.firstRange(of: "\"hint\":\"").map { text[..<$0.upperBound].utf8.count } ?? 0
            for position in bytes.indices {
                var altered = bytes
                altered[position] ^= 1
                guard let signature = try? ImageSignature(bundle: altered),
                    signature.isValid(by: key, for: digest, manifest: Self.manifest)
                else { continue }
                let around = String(
                    decoding: bytes[max(0, position - 24)..<min(bytes.count, position + 24)],
                    as: UTF8.self
                )
                #expect(
                    unsigned.contains { around.contains($0) } || (hint...hint + 44).contains(position),
                    "byte \(position): \(around)"
                )
            }
        }
    }

    @Test("Attestations are no signatures")
    func attestations() throws {
        let (key, digest) = (try PublicKeyTests.key(Fixtures.kinds[0].pem), try Digest(Fixtures.digest))
        for signature in [
            try ImageSignature(bundle: Array(Fixtures.attestation.utf8)),
            try ImageSignature(attestation: Array(Fixtures.envelope.utf8)),
        ] {
            #expect(signature.predicateType == "https://slsa.dev/provenance/v1")
            #expect(signature.claimedReferences(for: digest) == [Fixtures.reference])
            #expect(signature.isValid(by: key, for: digest, manifest: Self.manifest))
        }
    }

    @Test(
        "What isn't a payload is refused",
        arguments: [
            ("", ""), ("{}", "{}"), ("cosign container image signature", "atomic container signature"),
            ("sha256:", "md5:"), (#""critical""#, #""Critical""#), (#"{"critical""#, #"{"critical":1,"critical""#),
            ("null}", "null}}"), (#""optional":null"#, #""optional":"# + String(repeating: "[", count: 200)),
        ]
    )
    func payloads(text: String, replacement: String) {
        let payload = text.isEmpty ? "" : text == "{}" ? text : Fixtures.payload.replacing(text, with: replacement)
        #expect(throws: SignatureContentError.self) { try SimpleSigningPayload(Array(payload.utf8)) }
    }

    @Test(
        "What isn't a bundle is refused",
        arguments: [
            ("bundle.v0.3+json", "bundle.v0.4+json"), ("application/vnd.in-toto+json", "application/json"),
            (#"{"publicKey""#, #"{"certificate":{},"publicKey""#), (#""publicKey""#, #""publickey""#),
            (
                #""dsseEnvelope""#,
                #""messageSignature":{"messageDigest":{"algorithm":"SHA2_256","digest":"AAAA"},"signature":"AA=="},"dsseEnvelope""#
            ),
            (#""signatures":["#, #""signatures":[{"sig":"AAAA"},"#), (#""payload":""#, #""payload":"!"#),
        ]
    )
    func bundles(text: String, replacement: String) {
        let bundle = Fixtures.kinds[0].bundle.replacing(text, with: replacement)
        #expect(bundle != Fixtures.kinds[0].bundle)
        #expect(throws: SignatureContentError.self) { try ImageSignature(bundle: Array(bundle.utf8)) }
    }

    @Test("Nothing longer than 1 MiB is read")
    func limit() {
        let long = Fixtures.payload.replacing("null}", with: "\"\(String(repeating: "x", count: 1 << 20))\"}")
        #expect(throws: SignatureContentError.self) { try SimpleSigningPayload(Array(long.utf8)) }
        #expect(throws: SignatureContentError.self) { try ImageSignature(bundle: Array(long.utf8)) }
    }
}
