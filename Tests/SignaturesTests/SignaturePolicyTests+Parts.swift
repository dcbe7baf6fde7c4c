import Signatures
import Testing

/// Policies of several parts.
extension SignaturePolicyTests {
    @Test("What several parts of a policy ask for is told once")
    func repeated() async throws {
        func verdict(_ path: String, _ pem: String) async throws -> SignatureVerdict {
            let file = try Self.file(#"{"default":[{"type":"sigstoreSigned","keyPath":"\#(path)"}]}"#)
            let policy = SignaturePolicy(keys: [try PublicKeyTests.key(pem, name: path)], files: [file, file])
            return await policy.verdict(on: try Self.image(), signed: [try Self.subject([try Self.byTeam()])])
        }
        let signed = try await verdict("/keys/team.pub", Fixtures.kinds[0].pem)
        #expect(signed.isAccepted && signed.proofs.map(\.key) == ["/keys/team.pub", "team.pub"])
        let refused = try await verdict("third.pub", Fixtures.kinds[1].pem)
        #expect(refused.problems == ["looked for a signature by third.pub; found 1 signature, by other keys"])
    }
}
