import Signatures
import Testing

/// How policies name images, and what no image is ever called.
extension SignaturePolicyTests {
    private static func rules(_ pattern: String) -> String {
        """
        apiVersion: kbld.k14s.io/v1alpha1
        kind: SignaturePolicy
        rules:
        - images: ["\(pattern)"]
          keys: [other.pub]
        - images: ["**"]
          require: none
        """
    }

    @Test("Another spelling of a host leads to no other rule or scope")
    func hosts() async throws {
        let scopes = #"""
            {"default":[{"type":"insecureAcceptAnything"}],"transports":{"docker":{
              "registry.example.com/team":[{"type":"reject"}],"*.example.org":[{"type":"reject"}],
              "docker.io":[{"type":"reject"}]
            }}}
            """#
        for name in [
            "Registry.Example.COM/team/app", "registry.example.com/team/app", "R.example.ORG/x", "INDEX.docker.io/a/b",
            "nginx",
        ] {
            #expect(try await !Self.verdict(scopes, [], of: name).isAccepted, "\(name)")
        }
        for (pattern, name) in [
            ("registry.example.com/**", "REGISTRY.example.com/team/app"), ("docker.io/**", "Index.Docker.io/library/x"),
        ] {
            #expect(try await !Self.verdict(Self.rules(pattern), [], of: name).isAccepted, "\(name)")
        }
    }

    @Test(
        "Patterns that no repository ever fits are refused: a rule after them might let their images through",
        arguments: [
            ("Registry.example.com/**", "in lower case"), ("r.io/Team/*", "in lower case"),
            ("https://r.io/**", "without 'https://'"), ("r.io/a:1", "without a tag"), ("**/a:1", "without a tag"),
            ("r.io/a@sha256:00", "without a digest"), ("nginx", "docker.io/library/nginx"), ("*", "'*/**'"),
            ("r.io", "'r.io/**'"), ("r.io:5000", "'r.io:5000/**'"), ("r.io/", "is empty"), ("/r.io/a", "is empty"),
            ("r.io//a", "is empty"), ("r.io/a?", "'?'"), ("r.io/[ab]", "'['"), ("r.io/{a,b}", "'{'"),
            ("r.io/a b", "' '"), ("docker.io/nginx", "'docker.io/library/nginx'"), ("docker.io/*", "'docker.io/**'"),
            ("index.docker.io/**", "docker.io"),
        ]
    )
    func impossiblePatterns(pattern: String, advice: String) {
        let refusal = Self.refusal(of: Self.rules(pattern))
        #expect(refusal.contains("rules[0].images[0]: no repository ever fits '\(pattern)'"), "\(refusal)")
        #expect(refusal.contains(advice), "\(refusal)")
    }

    @Test(
        "Patterns that repositories may fit are taken",
        arguments: [
            "**", "*/**", "r.io/a", "r.io:5000/a", "*:5000/**", "*.example.com/team/*", "docker.io/library/*",
            "docker.io/team/app", "docker.io/**", "localhost/a", "[::1]:5000/a", "r.io/**/x", "r.io/a_b-c.d",
        ]
    )
    func possiblePatterns(pattern: String) throws { _ = try Self.file(Self.rules(pattern)) }

    @Test(
        "A name that no signature is ever for is refused",
        arguments: [
            #""exactReference","dockerReference":"r.io/a""#, #""exactReference","dockerReference":"!!""#,
            #""exactReference","dockerReference":"r.io:5000/a""#, #""exactRepository","dockerRepository":"r.io/a:1""#,
            #""exactRepository","dockerRepository":"r.io/A""#,
            #""remapIdentity","prefix":"r.io/","signedPrefix":"q.io""#,
            #""remapIdentity","prefix":"R.io","signedPrefix":"q.io""#,
            #""remapIdentity","prefix":"*.r.io","signedPrefix":"q.io""#,
            #""remapIdentity","prefix":"team","signedPrefix":"q.io""#,
            #""remapIdentity","prefix":"r.io","signedPrefix":"q.io/a:1""#,
            #""remapIdentity","prefix":"r.io","signedPrefix":"https://q.io""#,
        ]
    )
    func impossibleIdentities(fields: String) {
        let refusal = Self.refusal(of: Self.signed(#","signedIdentity":{"type":\#(fields)}"#))
        #expect(refusal.contains("default[0].signedIdentity."), "\(fields): \(refusal)")
    }

    @Test(
        "Hosts, namespaces and repositories are mapped",
        arguments: [
            #""exactReference","dockerReference":"r.io/a:1""#, #""exactRepository","dockerRepository":"busybox""#,
            #""exactReference","dockerReference":"r.io/a@\#(Fixtures.digest)""#,
            #""remapIdentity","prefix":"docker.io","signedPrefix":"r.io:5000/a/b""#,
            #""remapIdentity","prefix":"docker.io/library","signedPrefix":"localhost""#,
        ]
    )
    func possibleIdentities(fields: String) throws {
        _ = try Self.file(Self.signed(#","signedIdentity":{"type":\#(fields)}"#))
    }
}
