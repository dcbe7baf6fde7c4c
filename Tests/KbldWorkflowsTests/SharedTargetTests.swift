import ContainerImage
import FoundationEssentials
import ImageStore
import KbldWorkflows
import RegistryMirroring
import TestSupport
import Testing

@Suite("Targets that others write to as well")
struct SharedTargetTests: MirrorTesting {
    let lab: MirrorLab

    init() throws { lab = try MirrorLab() }

    @Test("Mirror files prune what they have set themselves, unless another wants it as well")
    func twoFiles() async throws {
        _ = try await run(Self.tags("1.0.0, 1.1.0"), as: "one")
        _ = try await run(Self.tags("1.1.0, 1.2.0"), as: "two")
        let found = try await prune(Self.tags("1.0.0"), as: "one").plan(in: store)
        #expect(found.plan.tags.isEmpty)
        #expect(found.notes.contains { $0.contains("1.1.0 stays: the mirror 'two' has it as well") })
        let work = try prune(Self.tags("1.1.0"), as: "two")
        #expect(try await work.apply(work.plan(in: store).plan, in: store).deleted?.map(\.tag) == ["1.2.0"])
        #expect(try Set(target.content.tags.keys) == ["1.0.0", "1.1.0"])
    }

    @Test("A tag that somebody moves in the target is moved back, whatever earlier runs have noted")
    func movedByOthers() async throws {
        let memory = folder.path(of: "state.json")
        _ = try await run(Self.tags("1.0.0"), as: "one") { $0.memory = memory }
        try target.put(try SampleImage("theirs"), tag: "1.0.0")
        #expect(try await run(Self.tags("1.0.0"), as: "one") { $0.memory = memory }.copies.map(\.kind) == [.move])
        #expect(try target.content.tags["1.0.0"] == (try store.repository("s.io/app").content.tags["1.0.0"]))
    }

    @Test("What another run writes between reading and writing the state isn't lost, and endless changes are told")
    func interference() async throws {
        _ = try await run(Self.tags("1.0.0"), as: "one")
        let place = try store.repository("m.io/mirror")
        let former = place.content
        _ = try await run(Self.tags("1.1.0"), as: "one")
        let latter = place.content
        place.content = former
        let document = try MirrorDocument(reading: Array(folder.text(of: "one.yml").utf8), file: "one.yml")
        let state = try MirrorStateStore(document, in: store)
        let (name, digest) = (try target.repository, try SampleImage("1.2.0").digest)
        var isFirst = true
        try await state.update { content in
            // Another run is faster.
            if isFirst { place.content = latter }
            isFirst = false
            content.note(try Tag("1.2.0"), in: name, as: digest, at: 0)
            return true
        }
        let entries = try await state.read().all.map(\.entry.tag)
        #expect(entries == ["1.0.0", "1.1.0", "1.2.0"])
        await #expect(throws: MirrorStateError.self) {
            var time: Int64 = 0
            try await state.update { content in
                place.content = time.isMultiple(of: 2) ? former : latter
                time += 1
                content.note(try Tag("1.2.0"), in: name, as: digest, at: time)
                return true
            }
        }
    }

    @Test("A tag that moves while a plan is applied stays")
    func movedMeanwhile() async throws {
        _ = try await run(Self.tags("1.0.0, 1.1.0, 1.2.0"), as: "one")
        let work = try prune(Self.tags("1.2.0"), as: "one")
        let plan = try await work.plan(in: store).plan
        let (place, theirs) = (try target, try SampleImage("theirs"))
        store.faults.observer = { request in
            // What remains is read after the plan was found to be right.
            guard request.action == .readManifest, request.repository == place.repository else { return }
            if place.content.tags["1.0.0"] != theirs.digest { place.put(theirs, tag: "1.0.0") }
        }
        let done = try await work.apply(plan, in: store)
        #expect(done.deleted?.map(\.tag) == ["1.1.0"])
        #expect(done.notes.contains { $0.contains("1.0.0 stays: it names another image now") })
        #expect(try Set(target.content.tags.keys) == ["1.0.0", "1.2.0"])
    }

    @Test("Where an index can't be read, all of its repository stays")
    func unreadableIndex() async throws {
        _ = try await run(Self.tags("1.0.0, 1.2.0"), as: "one")
        try target.put(RawManifest(mediaType: .ociIndex, bytes: Array("{".utf8)), tag: "odd")
        let work = try prune(Self.tags("1.2.0"), as: "one")
        let plan = try await work.plan(in: store).plan
        #expect(plan.tags.map(\.tag) == ["1.0.0"])
        let done = try await work.apply(plan, in: store)
        #expect(
            done.deleted?.isEmpty == true && done.failures.contains { $0.description.contains("nothing is deleted") }
        )
        #expect(try Set(target.content.tags.keys) == ["1.0.0", "1.2.0", "odd"])
    }

    @Test("A file without a name of its own prunes nothing, and is told its name")
    func unnamed() throws {
        let text = "apiVersion: kbld.k14s.io/v1alpha1\nkind: Mirror\ntarget: m.io/mirror\nimages: []\n"
        let path = try folder.write(text, to: "app.yml")
        let error = #expect(throws: MirrorDocumentError.self) {
            try PruneWorkflow(.init(file: path), in: lines.context)
        }
        #expect(error?.field == "metadata.name" && error?.reason.contains("metadata: {name: app}") == true)
        let document = try MirrorDocument(reading: Array(text.utf8), file: path)
        let embedded = try JobDocuments(mirror: path, hasVolume: false).embedded.first?.text ?? ""
        #expect(try MirrorDocument(reading: Array(embedded.utf8), file: "other.yml").name == document.name)
        let input = try MirrorDocument(reading: Array(text.utf8), file: "stdin")
        #expect(try MirrorDocument(reading: Array(input.namedText.utf8), file: "other.yml").name.isEmpty)
    }

    @Test("The state of a target that doesn't tell whether it has one isn't written anew")
    func refusals() async throws {
        _ = try await run(Self.tags("1.0.0, 1.1.0"), as: "one")
        let state = try store.repository("m.io/mirror").content.tags
        let document = try MirrorDocument(
            reading: Array(folder.text(of: "one.yml").utf8),
            file: "one.yml"
        )
        store.faults.deniesNames = true
        let error = await #expect(throws: MirrorStateError.self) {
            try await MirrorStateStore(document, in: store).update { state in
                state = MirrorState()
                return true
            }
        }
        #expect(error?.description.contains("The mirror's state in m.io/mirror:kbld-mirror-state.one, which") == true)
        #expect(try store.repository("m.io/mirror").content.tags == state)
    }

    @Test("A state that isn't one is told as such, with what to do, and what is there stays")
    func damagedState() async throws {
        _ = try await run(Self.tags("1.0.0"), as: "one")
        let place = try store.repository("m.io/mirror")
        place.put(try SampleImage("other"), tag: "kbld-mirror-state.one")
        let content = place.content
        let error = await #expect(throws: MirrorStateError.self) { _ = try await run(Self.tags("1.1.0"), as: "one") }
        let text = error?.description ?? ""
        #expect(text.contains("m.io/mirror:kbld-mirror-state.one") && text.contains("another name (metadata.name)"))
        #expect(place.content == content)
    }
}
