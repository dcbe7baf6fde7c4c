import ContainerImage
import FoundationEssentials
import ImageStore
import ImageTransfer
import KbldWorkflows
import Packages
import RegistryMirroring
import TestSupport
import Testing

@Suite("Mirroring registries")
struct MirroringTests {
    private let folder: Folder
    private let store = MemoryStore()
    private let lines: Lines

    init() throws {
        lines = try Lines()
        folder = try Folder()
        let source = try store.repository("s.io/app")
        for tag in ["1.0.0", "1.1.0", "1.2.0"] { source.put(try SampleImage(tag), tag: tag) }
        source.put(
            SampleIndex(try ["linux/amd64", "linux/arm64"].map { try SampleImage($0, platform: $0) }),
            tag: "multi"
        )
    }

    private func target(_ name: String = "m.io/mirror/s.io/app") throws -> MemoryRepository {
        try store.repository(name)
    }

    private func file(_ text: String = "images: [{repository: s.io/app}]") throws -> String {
        try folder.write(
            "apiVersion: kbld.k14s.io/v1alpha1\nkind: Mirror\nmetadata: {name: mirror}\ntarget: m.io/mirror\n\(text)\n",
            to: "mirror.yml"
        )
    }

    private func run(
        _ text: String = "images: [{repository: s.io/app}]",
        _ change: (inout MirroringWorkflow.Options) -> Void = { _ in }
    ) async throws -> MirrorPlan {
        var options = MirroringWorkflow.Options(file: try file(text))
        change(&options)
        return try await MirroringWorkflow(options, in: lines.context).run(in: store, progress: nil)
    }

    @Test("All tags arrive; the next run asks one HEAD a tag at either side and three lists, and fetches no manifest")
    func idle() async throws {
        #expect(try await run().copies.count == 4)
        let content = try target().content
        #expect(content.tags == (try store.repository("s.io/app").content.tags))
        store.forgetRequests()
        #expect(try await run().isEmpty)
        #expect(store.requests.filter { ![.listTags, .resolve].contains($0.action) }.isEmpty)
        #expect(store.subjects(of: .resolve).count == 8 && store.subjects(of: .listTags).count == 3)
        #expect(try await MirroringWorkflow(.init(file: try file()), in: lines.context).plan(in: store).isEmpty)
    }

    @Test("A tag that has moved is moved, and what it named before stays")
    func moved() async throws {
        _ = try await run()
        let new = try SampleImage("new")
        try store.repository("s.io/app").put(new, tag: "1.0.0")
        #expect(try await run().copies.map(\.kind) == [.move])
        #expect(try target().content.tags["1.0.0"] == new.digest)
        #expect(try target().content.manifests.count >= 6)
    }

    @Test("Indexes that are filtered have other digests, and are there all the same")
    func filtered() async throws {
        let text = "platforms: [linux/amd64]\nimages: [{repository: s.io/app}]"
        #expect(try await run(text).copies.count == 4)
        #expect(try await run(text).isEmpty)
        // Without what is noted in the target it is found out.
        try store.repository("m.io/mirror").content = MemoryStore.Content()
        #expect(try await run(text).isEmpty)
    }

    @Test("An image that fails keeps no other back, and is asked for again by the document of the rest")
    func failure() async throws {
        let source = try store.repository("s.io/app")
        let bad = try SampleImage("bad")
        source.put(bad, tag: "0.9.0")
        source.content.blobs[bad.parsed.layers[0].digest] = nil
        let rest = folder.path(of: "rest.yml")
        let plan = try await run { $0.failed = rest }
        #expect(plan.failures.map(\.subject) == ["s.io/app:0.9.0"])
        #expect(try target().content.tags.count == 4)
        source.put(bad)
        let options = MirroringWorkflow.Options(file: rest)
        let second = try await MirroringWorkflow(options, in: lines.context).run(in: store, progress: nil)
        #expect(second.failures.isEmpty && second.copies.map(\.target) == ["m.io/mirror/s.io/app:0.9.0"])
        await #expect(throws: (any Error).self) {
            source.content.blobs[bad.parsed.layers[0].digest] = nil
            try target().content.tags["0.9.0"] = nil
            try target().content.manifests[bad.digest] = nil
            try target().content.blobs[bad.parsed.layers[0].digest] = nil
            _ = try await run { $0.keepsGoing = false }
        }
    }

    @Test("What is selected goes into a package with its tags, which come along when it is installed")
    func package() async throws {
        let path = folder.path(of: "mirror.tar")
        let work = try MirroringWorkflow(.init(file: try file()), in: lines.context)
        #expect(try await work.package(.init(path: path), in: store, progress: nil).copies.count == 4)
        let package = try await AnyPackage(path: path)
        #expect(package.metadata.tags?.count == 4)
        var delta = MirroringWorkflow.PackageOutput(path: folder.path(of: "delta.tar"))
        delta.bases = [path]
        _ = try await work.package(delta, in: store, progress: nil)
        #expect(try await AnyPackage(path: delta.path).heldLayers.isEmpty)
    }

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
        #expect(try target().content.tags.isEmpty && store.repository("m.io/mirror").content.tags.isEmpty)
        #expect(try target().content.manifests == store.repository("s.io/app").content.manifests)
        store.forgetRequests()
        #expect(try await run { $0.rechecks = false }.copies.count == 4)
        #expect(try target().content.tags == store.repository("s.io/app").content.tags)
        #expect(try store.subjects(of: .readManifest, in: Repository("s.io/app")).isEmpty)
        #expect(try await prune(Self.one).plan(in: store).plan.tags.count == 3)
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
        #expect(try Set(target().content.tags.keys) == ["1.0.0", "1.2.0", "multi"])
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
        #expect(try target().content.tags.count == 4)
    }

    // MARK: Pruning

    private func prune(
        _ text: String,
        _ change: (inout PruneWorkflow.Options) -> Void = { _ in }
    ) throws -> PruneWorkflow {
        var options = PruneWorkflow.Options(file: try file(text))
        options.limit = 100
        change(&options)
        return try PruneWorkflow(options, in: lines.context)
    }

    private static let one = "images: [{repository: s.io/app, tags: [1.2.0]}]"

    @Test("What the file doesn't name any more goes, if the mirror has set it", arguments: [false, true])
    func pruning(byDigestAlone: Bool) async throws {
        _ = try await run()
        try target().put(try SampleImage("foreign"), tag: "foreign")
        let signature = try SampleImage("signature", subject: try SampleImage("1.0.0").manifest, artifactType: "a/b")
        try target().put(signature)
        store.faults.keepsTags = byDigestAlone
        let work = try prune(Self.one)
        let found = try await work.plan(in: store)
        #expect(found.plan.tags.map(\.tag) == ["1.0.0", "1.1.0", "multi"] && found.deleted == nil)
        #expect(try target().content.tags.count == 5)
        let done = try await work.apply(found.plan, in: store)
        #expect(done.deleted?.count == 3 && done.companions == 1)
        #expect(try Set(target().content.tags.keys) == ["1.2.0", "foreign"])
        #expect(try target().content.manifests[signature.digest] == nil)
        #expect(try await work.plan(in: store).plan.tags.isEmpty)
    }

    @Test(
        "Pruning that is ended between two deletions leaves no image without its signatures",
        arguments: [0, 1, 2, 3]
    )
    func endedPruning(after count: Int) async throws {
        _ = try await run()
        let signature = try SampleImage("signature", subject: try SampleImage("1.0.0").manifest, artifactType: "a/b")
        try target().put(signature)
        let work = try prune(Self.one)
        let plan = try await work.plan(in: store).plan
        let place = try target()
        store.faults.observer = { request in
            guard request.action == .remove, store.subjects(of: .remove).count == count else { return }
            store.faults.isDown = true
        }
        await #expect(throws: (any Error).self) { try await work.apply(plan, in: store) }
        let content = place.content
        #expect(content.tags["1.0.0"] == nil || content.manifests[signature.digest] != nil)
        #expect(content.tags["1.2.0"] != nil)
        store.faults = MemoryStore.Faults()
        _ = try await work.apply(plan, in: store)
        #expect(place.content.tags.count == 1 && place.content.manifests[signature.digest] == nil)
    }

    @Test("A registry that deletes by digest alone keeps what another tag names as well")
    func shared() async throws {
        let source = try store.repository("s.io/app")
        source.put(try SampleImage("1.2.0"), tag: "also")
        _ = try await run()
        store.faults.keepsTags = true
        let work = try prune(Self.one)
        let done = try await work.apply(try await work.plan(in: store).plan, in: store)
        #expect(try Set(target().content.tags.keys) == ["1.2.0", "also"])
        #expect(done.notes.contains { $0.contains("also stays") })
    }

    @Test("Rules keep what is protected, new, or among the newest")
    func rules() async throws {
        _ = try await run()
        func planned(_ rules: String) async throws -> [String] {
            try await prune("\(Self.one)\nprune: \(rules)").plan(in: store).plan.tags.map(\.tag)
        }
        #expect(try await planned("{protect: ['1.0.*']}") == ["1.1.0", "multi"])
        #expect(try await planned("{keep: {olderThan: 1d}}").isEmpty)
        #expect(try await planned("{keep: {newest: 3}}").isEmpty)
    }

    @Test("Surprises are refused, and nothing is deleted then")
    func refusals() async throws {
        _ = try await run()
        let work = try prune(Self.one)
        let plan = try await work.plan(in: store).plan
        func refusal(_ work: PruneWorkflow, _ plan: PrunePlan) async throws -> String {
            do {
                _ = try await work.apply(plan, in: store)
                return ""
            } catch let error as PruneRefusal {
                return "\(error)"
            }
        }
        let limited = try prune(Self.one) { $0.limit = 20 }
        #expect(try await refusal(limited, plan).contains("3 of 4 tags would be deleted, and at most 20 % may be"))
        var old = plan
        old.created -= 25 * 3600
        #expect(try await refusal(work, old).contains("25 hours old"))
        let other = try prune("images: [{repository: s.io/app, tags: [1.0.0]}]")
        #expect(try await refusal(other, plan).contains("has changed"))
        try target().put(try SampleImage("moved"), tag: "1.1.0")
        _ = try file(Self.one)
        #expect(try await refusal(work, plan).contains("1.1.0 named"))
        #expect(try target().content.tags.count == 4)
    }

    @Test("What goes is the mirror's own when it goes, whatever a plan says")
    func stalePlans() async throws {
        _ = try await run()
        let work = try prune(Self.one)
        let plan = try await work.plan(in: store).plan
        let (first, second) = (try await work.apply(plan, in: store), try await work.apply(plan, in: store))
        #expect(first.deleted?.count == 3 && first.absent.isEmpty)
        #expect(second.deleted?.isEmpty == true && second.absent == first.deleted)
        #expect(try Set(target().content.tags.keys) == ["1.2.0"])
        try target().put(try SampleImage("1.0.0"), tag: "1.0.0")
        await #expect(throws: PruneRefusal.self) { try await work.apply(plan, in: store) }
        var altered = plan
        altered.total = 1_000_000
        altered.tags = [plan.tags[0]]
        altered.tags[0].tag = "theirs"
        try target().put(try SampleImage("1.0.0"), tag: "theirs")
        await #expect(throws: PruneRefusal.self) { try await work.apply(altered, in: store) }
        #expect(try Set(target().content.tags.keys) == ["1.2.0", "1.0.0", "theirs"])
    }

    @Test("A list that fails prunes nothing; what is adopted may go")
    func unknown() async throws {
        try target().put(try SampleImage("old"), tag: "0.1.0")
        _ = try await run()
        let work = try prune("images: [{repository: s.io/app}]") { $0.adopts = true }
        #expect(try await work.plan(in: store).plan.tags.map(\.tag) == ["0.1.0"])
        let lost = try prune("images: [{repository: s.io/app}, {repository: s.io/gone}]")
        #expect(try await lost.plan(in: store).plan.tags.map(\.tag) == ["0.1.0"])
    }

    @Test("A source that lists no tags any more prunes nothing, unless that is confirmed", arguments: [false, true])
    func empty(isDenied: Bool) async throws {
        _ = try await run()
        let source = try store.repository("s.io/app")
        source.content.tags = [:]
        if isDenied { store.faults.deniedLists = [source.repository] }
        let text = "images: [{repository: s.io/app}]"
        let found = try await prune(text).plan(in: store)
        #expect(found.plan.tags.isEmpty && found.failures.first?.hints.last == .confirmAbsence)
        #expect(try await MirroringWorkflow(.init(file: file(text)), in: lines.context).plan(in: store).copies.isEmpty)
        let confirmed = try await prune(text) { $0.gone = [source.repository] }.plan(in: store)
        #expect(confirmed.plan.tags.count == 4 && confirmed.failures.isEmpty)
        // What the file says is what counts: the plan carries it.
        let plan = try PrunePlan(decoding: Array(confirmed.plan.text().utf8), path: "p.json")
        var unconfirmed = plan
        unconfirmed.gone = nil
        await #expect(throws: PruneRefusal.self) { try await prune(text).apply(unconfirmed, in: store) }
        #expect(try target().content.tags.count == 4)
        #expect(try await prune(text).apply(plan, in: store).deleted?.count == 4)
        let other = try Repository("s.io/other")
        #expect(throws: PruneRefusal.unlisted("s.io/other")) { try prune(text) { $0.gone = [other] } }
    }
}
