import ContainerImage
import ImageTransfer
import KbldWorkflows
import TestSupport
import Testing

extension SignatureGateTests {
    private func relocate(_ index: Int) async throws {
        var relocation = RelocateWorkflow.Options(
            files: [try folder.write(resources(naming: references), to: "app.yml")],
            destination: DestinationPlan(in: try Repository("to.example/app"))
        )
        relocation.signatures = options("team.pub")
        relocation.shard = Shard(index: index, count: 2)
        let work = try await RelocateWorkflow(relocation, in: lines.context)
        _ = try await work.plan(in: store, progress: nil)
        _ = try await work.run(in: store, progress: nil)
    }

    @Test("A shard asks for the signatures of its own images alone")
    func shards() async throws {
        try signAll()
        for index in 0..<2 { try await relocate(index) }
        let there = try store.repository("to.example/app").content
        #expect(Set(there.manifests.keys).isSuperset(of: references.map(\.digest)))
    }

    @Test("Of two shards the one with an image that isn't signed is refused")
    func unsignedShard() async throws {
        try tag(references[0])
        var refused: [[String]] = []
        for index in 0..<2 { refused.append(await refusal { try await relocate(index) }) }
        #expect(refused.count { $0.isEmpty } == 1)
        #expect(refused.joined().contains { $0.contains(references[1].description) })
        let there = try store.repository("to.example/app").content
        #expect(there.manifests[references[0].digest] != nil && there.manifests[references[1].digest] == nil)
    }
}
