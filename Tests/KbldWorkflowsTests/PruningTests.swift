import ContainerImage
import FoundationEssentials
import ImageStore
import KbldWorkflows
import RegistryMirroring
import TestSupport
import Testing

@Suite("Pruning mirrors")
struct PruningTests: MirrorTesting {
    let lab: MirrorLab

    init() throws { lab = try MirrorLab() }

    @Test("What the file doesn't name any more goes, if the mirror has set it", arguments: [false, true])
    func pruning(byDigestAlone: Bool) async throws {
        _ = try await run()
        try target.put(try SampleImage("foreign"), tag: "foreign")
        let signature = try SampleImage("signature", subject: try SampleImage("1.0.0").manifest, artifactType: "a/b")
        try target.put(signature)
        store.faults.keepsTags = byDigestAlone
        let work = try prune(Self.tags("1.2.0"))
        let found = try await work.plan(in: store)
        #expect(found.plan.tags.map(\.tag) == ["1.0.0", "1.1.0", "multi"] && found.deleted == nil)
        #expect(try target.content.tags.count == 5)
        let done = try await work.apply(found.plan, in: store)
        #expect(done.deleted?.count == 3 && done.companions == 1)
        #expect(try Set(target.content.tags.keys) == ["1.2.0", "foreign"])
        #expect(try target.content.manifests[signature.digest] == nil)
        #expect(try await work.plan(in: store).plan.tags.isEmpty)
    }

    @Test(
        "Pruning that is ended between two deletions leaves no image without its signatures",
        arguments: [0, 1, 2, 3]
    )
    func endedPruning(after count: Int) async throws {
        _ = try await run()
        let signature = try SampleImage("signature", subject: try SampleImage("1.0.0").manifest, artifactType: "a/b")
        try target.put(signature)
        let work = try prune(Self.tags("1.2.0"))
        let plan = try await work.plan(in: store).plan
        let place = try target
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
        let work = try prune(Self.tags("1.2.0"))
        let done = try await work.apply(try await work.plan(in: store).plan, in: store)
        #expect(try Set(target.content.tags.keys) == ["1.2.0", "also"])
        #expect(done.notes.contains { $0.contains("also stays") })
    }

    @Test("Rules keep what is protected, new, or among the newest")
    func rules() async throws {
        _ = try await run()
        func planned(_ rules: String) async throws -> [String] {
            try await prune("\(Self.tags("1.2.0"))\nprune: \(rules)").plan(in: store).plan.tags.map(\.tag)
        }
        #expect(try await planned("{protect: ['1.0.*']}") == ["1.1.0", "multi"])
        #expect(try await planned("{keep: {olderThan: 1d}}").isEmpty)
        #expect(try await planned("{keep: {newest: 3}}").isEmpty)
    }

    @Test("Surprises are refused, and nothing is deleted then")
    func refusals() async throws {
        _ = try await run()
        let work = try prune(Self.tags("1.2.0"))
        let plan = try await work.plan(in: store).plan
        func refusal(_ work: PruneWorkflow, _ plan: PrunePlan) async throws -> String {
            do {
                _ = try await work.apply(plan, in: store)
                return ""
            } catch let error as PruneRefusal {
                return "\(error)"
            }
        }
        let limited = try prune(Self.tags("1.2.0")) { $0.limit = 20 }
        #expect(try await refusal(limited, plan).contains("3 of 4 tags would be deleted, and at most 20 % may be"))
        var old = plan
        old.created -= 25 * 3600
        #expect(try await refusal(work, old).contains("25 hours old"))
        let other = try prune("images: [{repository: s.io/app, tags: [1.0.0]}]")
        #expect(try await refusal(other, plan).contains("has changed"))
        try target.put(try SampleImage("moved"), tag: "1.1.0")
        _ = try file(Self.tags("1.2.0"))
        #expect(try await refusal(work, plan).contains("1.1.0 named"))
        #expect(try target.content.tags.count == 4)
    }

    @Test("What goes is the mirror's own when it goes, whatever a plan says")
    func stalePlans() async throws {
        _ = try await run()
        let work = try prune(Self.tags("1.2.0"))
        let plan = try await work.plan(in: store).plan
        let (first, second) = (try await work.apply(plan, in: store), try await work.apply(plan, in: store))
        #expect(first.deleted?.count == 3 && first.absent.isEmpty)
        #expect(second.deleted?.isEmpty == true && second.absent == first.deleted)
        #expect(try Set(target.content.tags.keys) == ["1.2.0"])
        try target.put(try SampleImage("1.0.0"), tag: "1.0.0")
        await #expect(throws: PruneRefusal.self) { try await work.apply(plan, in: store) }
        var altered = plan
        altered.total = 1_000_000
        altered.tags = [plan.tags[0]]
        altered.tags[0].tag = "theirs"
        try target.put(try SampleImage("1.0.0"), tag: "theirs")
        await #expect(throws: PruneRefusal.self) { try await work.apply(altered, in: store) }
        #expect(try Set(target.content.tags.keys) == ["1.2.0", "1.0.0", "theirs"])
    }

    @Test("A list that fails prunes nothing; what is adopted may go")
    func unknown() async throws {
        try target.put(try SampleImage("old"), tag: "0.1.0")
        _ = try await run()
        let work = try prune("images: [{repository: s.io/app}]") { $0.adopts = true }
        #expect(try await work.plan(in: store).plan.tags.map(\.tag) == ["0.1.0"])
        let lost = try prune("images: [{repository: s.io/app}, {repository: s.io/gone}]")
        let found = try await lost.plan(in: store)
        #expect(found.plan.tags.map(\.tag) == ["0.1.0"] && found.failures.count == 1)
    }

    @Test("What a source would keep doesn't go while that can't be asked, whenever that was planned")
    func unreachable() async throws {
        _ = try await run()
        let text = "images: [{repository: s.io/app, tags: {match: ['1.2.*']}}]"
        let work = try prune(text)
        let plan = try await work.plan(in: store).plan
        #expect(plan.tags.count == 3)
        store.faults.deniedLists = [try source.repository]
        let blind = try await work.plan(in: store)
        #expect(blind.plan.tags.isEmpty && blind.failures.first?.description.contains("s.io/app") == true)
        let refusal = await #expect(throws: PruneRefusal.self) { try await work.apply(plan, in: store) }
        #expect(
            refusal?.description.contains("m.io/mirror/s.io/app:1.0.0 is to be kept can't be found out now") == true
        )
        #expect(try target.content.tags.count == 4)
    }

    @Test("Where a chart can't be rendered, other images come, and nothing is deleted that it may name")
    func unrenderedChart() async throws {
        _ = try await run()
        _ = try folder.write("apiVersion: v2\nname: app\nannotations: {}\n", to: "Chart.yaml")
        let text = "images: [{charts: [.]}, {repository: s.io/app, tags: [1.2.0, 1.3.0]}]"
        try source.put(try SampleImage("1.3.0"), tag: "1.3.0")
        let plan = try await run(text)
        #expect(plan.copies.map(\.tag?.name) == ["1.3.0"])
        #expect(plan.failures.map { "\($0.error)" }.first?.contains("helm isn't installed, which renders it") == true)
        let refusal = await #expect(throws: PruneRefusal.self) { try await prune(text).plan(in: store) }
        #expect(refusal?.description.contains("helm isn't installed, which renders it") == true)
        #expect(try target.content.tags.count == 5)
    }

    @Test("A registry that deletes nothing is told once, as a failure")
    func undeletable() async throws {
        _ = try await run()
        store.faults.deletesNothing = true
        let work = try prune(Self.tags("1.2.0"))
        let done = try await work.apply(try await work.plan(in: store).plan, in: store)
        #expect(done.deleted?.isEmpty == true && done.failures.count == 1)
        #expect(done.failures.first?.description.contains("doesn't allow deleting; 3 tags that should go stay") == true)
        // One request for a tag, and one for a digest.
        #expect(store.subjects(of: .remove).count == 2)
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
        #expect(try target.content.tags.count == 4)
        #expect(try await prune(text).apply(plan, in: store).deleted?.count == 4)
        let other = try Repository("s.io/other")
        #expect(throws: PruneRefusal.unlisted("s.io/other")) { try prune(text) { $0.gone = [other] } }
    }
}
