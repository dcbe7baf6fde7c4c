import ContainerImage
import ImageStore
import KbldWorkflows
import TestSupport
import Testing

/// What the gate asks for beside what is done anyway.
extension SignatureGateTests {
    @Test("A destination is asked for the same with the gate and without, and hashes no more")
    func sameRequests() async throws {
        try signAll()
        let path = try await package(options("team.pub"))
        func asked(_ signatures: SignatureGate.Options) async throws -> (
            counts: [MemoryStore.Request: Int], hashed: Int
        ) {
            store.remove(try Repository("to.example/app"))
            store.forgetRequests()
            let hashed = store.hashedBlobs.count
            try await unpackage(path, signatures)
            let counts = Dictionary(store.requests.map { ($0, 1) }, uniquingKeysWith: +)
            return (counts, store.hashedBlobs.count - hashed)
        }
        let (plain, gated) = (try await asked(SignatureGate.Options()), try await asked(options("team.pub")))
        #expect(
            plain.counts.keys.contains { $0.action == .upload } && plain.counts.keys.contains { $0.action == .push }
        )
        #expect(gated.counts == plain.counts)
        #expect(gated.hashed == plain.hashed)
    }
}
