import ContainerImage
import ImageStore
import KbldWorkflows
import Signatures
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

    @Test("Signatures beyond the limit aren't read, and the log says so")
    func tooMany() async throws {
        let image = references[0]
        let artifact = try SampleImage(
            layers: (0...ImageSignature.countLimit).map { Array("\($0)".utf8) },
            layerType: "application/vnd.dev.cosign.simplesigning.v1+json"
        )
        let repository = store.repository(image.repository)
        repository.put(artifact)
        repository.put(artifact.manifest, tag: "\(image.digest.dashed).sig")
        #expect(await refusal { _ = try await package(options("team.pub")) }.count == 3)
        #expect(lines.all.contains("passing over a signature of \(image): of 1001 only the first 1000 are read"))
    }
}
