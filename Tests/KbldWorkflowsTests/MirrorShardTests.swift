import ContainerImage
import FoundationEssentials
import ImageStore
import ImageTransfer
import KbldWorkflows
import RegistryMirroring
import TestSupport
import Testing

@Suite("Mirrors that several processes copy")
struct MirrorShardTests: MirrorTesting {
    let lab: MirrorLab

    init() throws { lab = try MirrorLab() }

    @Test(
        "Shards copy all images once and set no tags; the last run sets them, and reads no source",
        arguments: [3, 8]
    )
    func shards(count: Int) async throws {
        for index in (0..<count).reversed() {
            let shard = try #require(Shard(index: index, count: count))
            let planned = try MirroringWorkflow.Options(file: file())
            var options = planned
            options.shard = shard
            let own = try await MirroringWorkflow(options, in: lines.context).plan(in: store)
            let done = try await run { $0.shard = shard }
            #expect(done.actions == own.actions && done.failures.isEmpty)
            // Once more it sends nothing.
            store.forgetRequests()
            _ = try await run { $0.shard = shard }
            #expect(store.subjects(of: .upload).isEmpty && store.subjects(of: .push).isEmpty)
        }
        #expect(try target.content.tags.isEmpty && store.repository("m.io/mirror").content.tags.isEmpty)
        #expect(try target.content.manifests == store.repository("s.io/app").content.manifests)
        store.forgetRequests()
        #expect(try await run { $0.rechecks = false }.copies.count == 4)
        #expect(try target.content.tags == store.repository("s.io/app").content.tags)
        #expect(try store.subjects(of: .readManifest, in: Repository("s.io/app")).isEmpty)
        #expect(try await prune(Self.tags("1.2.0")).plan(in: store).plan.tags.count == 3)
        #expect(try await run().isEmpty)
    }

    @Test("A target that refuses one tag gets the others of what is there, and what it refused is asked for again")
    func refusedTag() async throws {
        for index in 0..<2 { _ = try await run { $0.shard = Shard(index: index, count: 2) } }
        store.faults.refusedManifests = [try SampleImage("1.1.0").digest]
        let rest = folder.path(of: "rest.yml")
        let plan = try await run {
            $0.rechecks = false
            $0.failed = rest
        }
        #expect(plan.failures.map(\.subject) == ["s.io/app:1.1.0"])
        #expect(try Set(target.content.tags.keys) == ["1.0.0", "1.2.0", "multi"])
        #expect(try folder.text(of: "rest.yml").contains("1.1.0"))
        await #expect(throws: (any Error).self) {
            _ = try await run {
                $0.rechecks = false
                $0.keepsGoing = false
            }
        }
    }

    @Test("An image that one shard can't read keeps none of the others from theirs")
    func unreadableInShards() async throws {
        let source = try store.repository("s.io/app")
        source.put(RawManifest(mediaType: .ociIndex, bytes: Array("{".utf8)), tag: "odd")
        for index in 0..<2 {
            let done = try await run { $0.shard = Shard(index: index, count: 2) }
            #expect(done.failures.map(\.subject) == ["s.io/app:odd"])
        }
        #expect(try await run { $0.rechecks = false }.failures.count == 1)
        #expect(try target.content.tags.count == 4)
    }
}
