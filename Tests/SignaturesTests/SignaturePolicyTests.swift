import ContainerImage
import FoundationEssentials
import Signatures
import Testing

@Suite("Policies of signatures")
struct SignaturePolicyTests {
    private static let files: [String: String] = [
        "/keys/team.pub": Fixtures.kinds[0].pem, "other.pub": Fixtures.kinds[3].pem, "third.pub": Fixtures.kinds[1].pem,
    ]

    static func file(_ text: String) throws -> SignaturePolicyFile {
        try SignaturePolicyFile(Array(text.utf8), path: "policy.json") { name in
            Array((files[name] ?? "").utf8)
        }
    }

    static func image(_ repository: String = Fixtures.reference) throws -> DigestReference {
        DigestReference(repository: try Repository(repository), digest: try Digest(Fixtures.digest))
    }

    static func subject(_ signatures: [ImageSignature]) throws -> SignedSubject {
        SignedSubject(
            digest: try Digest(Fixtures.digest),
            manifest: ImageSignatureTests.manifest,
            signatures: signatures
        )
    }

    static func byTeam() throws -> ImageSignature {
        try ImageSignatureTests.tag(Fixtures.payload, Fixtures.kinds[0].signatures[0])
    }

    static func verdict(
        _ policy: String,
        _ signatures: [ImageSignature],
        of repository: String = Fixtures.reference
    ) async throws -> SignatureVerdict {
        try await SignaturePolicy(files: [file(policy)])
            .verdict(on: try image(repository), signed: [try subject(signatures)])
    }

    static func signed(_ more: String = "") -> String {
        #"{"default":[{"type":"sigstoreSigned","keyPath":"/keys/team.pub"\#(more)}]}"#
    }

    @Test("A signature by any key will do, and what was found instead is told")
    func keys() async throws {
        let keys = try [Fixtures.kinds[1].pem, Fixtures.kinds[0].pem].map { try PublicKeyTests.key($0) }
        let (image, team) = (try Self.image(), try Self.byTeam())
        let both = SignaturePolicy(keys: keys)
        #expect(await both.verdict(on: image, signed: [try Self.subject([team])]).proofs.map(\.form) == [.tag])
        let first = SignaturePolicy(keys: [keys[0]])
        let bundle = try ImageSignature(bundle: Array(Fixtures.kinds[0].bundle.utf8))
        #expect(
            await first.verdict(on: image, signed: [try Self.subject([team, bundle])]).problems == [
                "looked for a signature by team.pub; found 2 signatures, by other keys: \(keys[1].fingerprint)"
            ]
        )
        #expect(
            await first.verdict(on: image, signed: [try Self.subject([])]).problems
                == ["looked for a signature by team.pub; found none"]
        )
        let other = try ImageSignatureTests.tag(Fixtures.otherPayload, Fixtures.otherSignature)
        #expect(
            await both.verdict(on: image, signed: [try Self.subject([other])]).problems.first?.contains(
                "of another digest: sha256:0000"
            )
                == true
        )
    }

    @Test("An attestation is asked for by its type, and is no signature")
    func attestations() async throws {
        let key = try PublicKeyTests.key(Fixtures.kinds[0].pem)
        let image = try Self.image()
        let attestation = try ImageSignature(bundle: Array(Fixtures.attestation.utf8))
        let policy = SignaturePolicy(keys: [key], attestations: ["https://slsa.dev/provenance/v1"])
        #expect(await !policy.verdict(on: image, signed: [try Self.subject([attestation])]).isAccepted)
        #expect(await !policy.verdict(on: image, signed: [try Self.subject([try Self.byTeam()])]).isAccepted)
        let verdict = await policy.verdict(on: image, signed: [try Self.subject([try Self.byTeam(), attestation])])
        #expect(verdict.proofs.map(\.predicateType) == [nil, "https://slsa.dev/provenance/v1"])
    }

    @Test("An index's signature covers an image, but not another index's")
    func indexes() async throws {
        let policy = SignaturePolicy(keys: [try PublicKeyTests.key(Fixtures.kinds[0].pem)])
        let child = DigestReference(repository: try Repository(Fixtures.reference), digest: Digest(of: [1]))
        let (own, index) = (SignedSubject(digest: child.digest, manifest: [1]), try Self.subject([try Self.byTeam()]))
        #expect(await policy.verdict(on: child, signed: [own, index]).proofs.map(\.subject) == [index.digest])
        let stray = SignedSubject(digest: child.digest, manifest: [1], signatures: [try Self.byTeam()])
        #expect(await !policy.verdict(on: child, signed: [stray]).isAccepted)
    }

    @Test("The most specific scope counts")
    func scopes() async throws {
        let scopes = #"""
            {"default":[{"type":"reject"}],"transports":{"docker":{
              "docker.io/library/nginx":[{"type":"insecureAcceptAnything"}],
              "docker.io":[{"type":"reject"}],
              "registry.example.com":[{"type":"reject"}],
              "registry.example.com/team":[{"type":"insecureAcceptAnything"}],
              "*.example.org":[{"type":"insecureAcceptAnything"}],
              "r.example.org":[{"type":"reject"}],
              "r.io:5000/a":[{"type":"insecureAcceptAnything"}]
            },"docker-daemon":{"":[{"type":"insecureAcceptAnything"}]}}}
            """#
        let accepted = [
            "nginx": true, "redis": false, "registry.example.com/team/app": true,
            "registry.example.com/teams/app": false,
            "a.b.example.org:5000/x": true, "r.example.org/x": false, "r.io:5000/a/b": true, "r.io/a/b": false,
        ]
        for (repository, isAccepted) in accepted {
            #expect(try await Self.verdict(scopes, [], of: repository).isAccepted == isAccepted, "\(repository)")
        }
    }

    @Test(
        "The name that was signed is the one that the policy asks for",
        arguments: [
            ("", true), (#","signedIdentity":{"type":"matchRepository"}"#, true),
            (#","signedIdentity":{"type":"matchExact"}"#, false),
            (#","signedIdentity":{"type":"matchRepoDigestOrExact"}"#, true),
            (#","signedIdentity":{"type":"exactRepository","dockerRepository":"registry.example.com/team/app"}"#, true),
            (#","signedIdentity":{"type":"exactRepository","dockerRepository":"registry.example.com/team"}"#, false),
            (
                #","signedIdentity":{"type":"exactReference","dockerReference":"registry.example.com/team/app:1"}"#,
                false
            ),
        ]
    )
    func identity(field: String, isAccepted: Bool) async throws {
        #expect(try await Self.verdict(Self.signed(field), [try Self.byTeam()]).isAccepted == isAccepted)
    }

    @Test("Another repository's signature won't do, unless the policy maps one to the other")
    func repositories() async throws {
        let (team, mirror) = (try Self.byTeam(), "mirror.local/x/team/app")
        #expect(try await !Self.verdict(Self.signed(), [team], of: mirror).isAccepted)
        let map =
            #","signedIdentity":{"type":"remapIdentity","prefix":"mirror.local/x","signedPrefix":"registry.example.com"}"#
        #expect(try await Self.verdict(Self.signed(map), [team], of: mirror).isAccepted)
        #expect(try await !Self.verdict(Self.signed(map), [team], of: "mirror.local/xy/team/app").isAccepted)
        // A bundle names nothing: that will do as long as the policy doesn't say which name it wants.
        let bundle = try ImageSignature(bundle: Array(Fixtures.kinds[0].bundle.utf8))
        #expect(try await Self.verdict(Self.signed(), [bundle]).isAccepted)
        #expect(
            try await !Self.verdict(Self.signed(#","signedIdentity":{"type":"matchRepository"}"#), [bundle]).isAccepted
        )
    }

    @Test(
        "What can't be judged isn't passed over",
        arguments: [
            #"{"default":[{"type":"signedBy","keyType":"GPGKeys","keyPath":"/x.gpg"}]}"#,
            #"{"default":[{"type":"insecureAcceptAnything"},{"type":"signedBy","keyType":"GPGKeys","keyPath":"/x.gpg"}]}"#,
            #"{"default":[{"type":"sigstoreSigned","pki":{"caRootsPath":"/ca.pem","subjectEmail":"e"}}]}"#,
        ]
    )
    func unsupported(policy: String) async throws {
        let verdict = try await Self.verdict(policy, [try Self.byTeam()])
        #expect(!verdict.isAccepted && verdict.problems.contains { $0.contains("not supported") })
    }

    @Test(
        "A policy with anything unknown in it is refused",
        arguments: [
            "", "[]", "{}", #"{"default":[]}"#, #"{"default":[{"type":"reject","x":1}]}"#,
            #"{"default":[{"type":"x"}]}"#,
            #"{"default":[{"type":"sigstoreSigned"}]}"#, #"{"default":[{"type":"sigstoreSigned","keyPath":"/none"}]}"#,
            #"{"default":[{"type":"sigstoreSigned","keyPath":"/keys/team.pub","keyData":"AAAA"}]}"#,
            #"{"default":[{"type":"reject"}],"default":[{"type":"insecureAcceptAnything"}]}"#,
            #"{"default":[{"type":"reject"}],"Transports":{}}"#, #"{"default":[{"type":"reject"}],"transports":[]}"#,
            #"{"default":[{"type":"sigstoreSigned","keyPath":"/keys/team.pub","signedIdentity":{"type":"x"}}]}"#,
            #"{"default":[{"type":"sigstoreSigned","keyPath":"/keys/team.pub","signedIdentity":{"type":"matchExact","a":1}}]}"#,
        ]
    )
    func refused(policy: String) {
        #expect(throws: (any Error).self) { try Self.file(policy) }
    }

    @Test("Our own kind: the first rule that matches counts, and nothing else is let through")
    func rules() async throws {
        let data = Fixtures.kinds[0].pem.split(separator: "\n").map { "      " + $0 }.joined(separator: "\n")
        let rules = """
            apiVersion: kbld.k14s.io/v1alpha1
            kind: SignaturePolicy
            rules:
            - images: [docker.io/library/*]
              require: none
            - images: [registry.example.com/both/*]
              keys: [/keys/team.pub, third.pub]
              require: all
            - images: [registry.example.com/**, "*.local/*"]
              keys:
              - |
            \(data)
              - other.pub
            """
        let accepted = [
            "nginx": true, "docker.io/team/nginx": false, "registry.example.com/team/app": true,
            "registry.example.com/x": true, "a.local/x": true, "a.local/x/y": false,
            "registry.example.com/both/x": false,
        ]
        for (repository, isAccepted) in accepted {
            #expect(
                try await Self.verdict(rules, [try Self.byTeam()], of: repository).isAccepted == isAccepted,
                "\(repository)"
            )
        }
        let third = try ImageSignatureTests.tag(Fixtures.payload, Fixtures.kinds[1].signatures[0])
        let both = try await Self.verdict(rules, [try Self.byTeam(), third], of: "registry.example.com/both/x")
        #expect(both.proofs.map(\.key) == ["team.pub", "third.pub"])
    }

    @Test(
        "Rules with anything unknown in them are refused",
        arguments: [
            "rules: []", "rule: []", "rules: [{images: [r.io/a], keys: []}]", "rules: [{keys: [other.pub]}]",
            "rules: [{images: [r.io/a], keys: [other.pub], require: most}]",
            "rules: [{images: [r.io/a], require: none, keys: [other.pub]}]",
            "rules: [{images: [r.io/a], key: [other.pub]}]", "rules: [{images: [r.io/a], keys: [none.pub]}]",
            "rules: [{images: [r.io/a], keys: [other.pub], signedIdentity: any}]",
        ]
    )
    func badRules(text: String) {
        let document = "apiVersion: kbld.k14s.io/v1alpha1\nkind: SignaturePolicy\n\(text)\n"
        #expect(throws: (any Error).self) { try Self.file(document) }
    }

    @Test(
        "A key that is twice, and a second document, are refused in our own kind, too",
        arguments: [
            (
                "rules: [{images: [r.io/a], require: none}]\nrules: [{images: [r.io/b], require: none}]",
                "'rules' occurs twice"
            ),
            ("rules:\n- images: [r.io/a]\n  keys: [other.pub]\n  \"keys\": [third.pub]", "'keys' occurs twice"),
            ("rules: [{&k images: [r.io/a], *k : [b], require: none}]", "'images' occurs twice"),
            (
                "rules: [{images: [r.io/a], require: none}]\n---\napiVersion: kbld.k14s.io/v1alpha1\n"
                    + "kind: SignaturePolicy\nrules: [{images: [r.io/b], require: none}]", "it has 2 documents"
            ),
        ]
    )
    func ambiguous(text: String, reason: String) {
        let document = "apiVersion: kbld.k14s.io/v1alpha1\nkind: SignaturePolicy\n\(text)\n"
        #expect(Self.refusal(of: document).contains(reason))
    }

    @Test("A key that is twice is refused in JSON of our own kind")
    func ambiguousJSON() {
        let rule = #"{"images":["r.io/a"],"keys":["other.pub"],"keys":["third.pub"]}"#
        let text = #"{"apiVersion":"kbld.k14s.io/v1alpha1","kind":"SignaturePolicy","rules":[\#(rule)]}"#
        #expect(Self.refusal(of: text).contains("'keys' occurs twice"))
    }

    @Test(
        "Scopes that no image is ever in are refused",
        arguments: [
            "r.example.com/", "docker://r.example.com/a", "r.example.com/*", "*", "R.example.com", "r.example.com/A:1",
            "*.example.com/a", "*.", "a*.example.com", "r.example.com//a",
            "index.docker.io/library/nginx",
        ]
    )
    func impossible(scope: String) {
        #expect(Self.refusal(of: Self.policy("docker", scope)).contains("no image is ever in the scope '\(scope)'"))
    }

    @Test(
        "Scopes that images may be in are taken",
        arguments: [
            "", "r.example.com", "r.example.com:5000", "r.example.com/a", "r.example.com:5000/a:Tag", "*.example.com",
            "r.example.com/a@\(Fixtures.digest)", "[::1]:5000/a",
        ]
    )
    func possible(scope: String) throws {
        _ = try Self.file(Self.policy("docker", scope))
    }

    @Test("Unknown transports are refused; others than registries are read")
    func transports() throws {
        #expect(Self.refusal(of: Self.policy("dokcer", "a")).contains("unknown transport 'dokcer'"))
        for name in ["docker-daemon", "dir", ""] { _ = try Self.file(Self.policy(name, "/X/")) }
    }

    private static func policy(_ transport: String, _ scope: String) -> String {
        #"{"default":[{"type":"reject"}],"transports":{"\#(transport)":{"\#(scope)":[{"type":"reject"}]}}}"#
    }

    static func refusal(of text: String) -> String {
        do {
            _ = try file(text)
            return ""
        } catch {
            return "\(error)"
        }
    }
}
