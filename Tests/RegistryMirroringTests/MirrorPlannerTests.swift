import ContainerImage
import RegistryMirroring
import TestSupport
import Testing

@Suite("Plans of a mirror")
struct MirrorPlannerTests {
    private let store = MemoryStore()

    private func document(_ text: String) throws -> MirrorDocument {
        let head = "apiVersion: kbld.k14s.io/v1alpha1\nkind: Mirror\ntarget: m.io/mirror\n"
        return try MirrorDocument(reading: Array((head + text).utf8), file: "mirror.yml")
    }

    private func plan(_ text: String, known: MirrorMemory? = nil) async throws -> MirrorPlan {
        try await MirrorPlanner(try document(text), in: store, atMost: 4, known: known) { _ in [] }.plan()
    }

    @Test("What is there is kept, what isn't is added, what is another image is moved: a list and a HEAD a tag a side")
    func kinds() async throws {
        let (one, two) = (try SampleImage("one"), try SampleImage("two"))
        let source = try store.repository("s.io/app")
        for (tag, image) in [("1.0.0", one), ("1.1.0", two), ("1.2.0", two)] { source.put(image, tag: tag) }
        let target = try store.repository("m.io/mirror/s.io/app")
        target.put(one, tag: "1.0.0")
        target.put(one, tag: "1.1.0")
        let plan = try await plan("images: [{repository: s.io/app}]")
        #expect(plan.actions.map(\.kind) == [.keep, .move, .add])
        #expect(plan.actions[1].current == one.digest && plan.actions[1].digest == two.digest)
        #expect(store.subjects(of: .readManifest).isEmpty)
        #expect(store.subjects(of: .listTags).count == 2)
        #expect(store.subjects(of: .resolve, in: source.repository).count == 3)
        #expect(store.subjects(of: .resolve, in: target.repository).count == 2)
    }

    @Test("Tags that never move aren't asked for where the target has them")
    func immutable() async throws {
        let image = try SampleImage("one")
        try store.repository("s.io/app").put(image, tag: "v1")
        try store.repository("m.io/mirror/s.io/app").put(image, tag: "v1")
        let plan = try await plan("immutable: ['v*']\nimages: [{repository: s.io/app}]")
        #expect(plan.actions.map(\.kind) == [.keep])
        #expect(store.subjects(of: .resolve).isEmpty)
    }

    @Test("The dates of images that earlier runs have read aren't read again, and nothing else is gone by")
    func memory() async throws {
        let source = try store.repository("s.io/app")
        for name in ["one", "two"] { source.put(try SampleImage(name), tag: name) }
        let text = "images: [{repository: s.io/app, tags: {newest: 1}}]"
        var memory = MirrorMemory()
        memory.note(try await plan(text).dates)
        #expect(store.subjects(of: .readManifest).count == 2)
        store.forgetRequests()
        #expect(try await plan(text, known: memory).copies.count == 1)
        #expect(store.subjects(of: .readManifest).isEmpty)
    }

    @Test("An image that isn't there fails alone")
    func failure() async throws {
        let source = try store.repository("s.io/app")
        source.put(try SampleImage("one"), tag: "v1")
        let plan = try await plan("images: [{repository: s.io/app, tags: [v1, v2]}]")
        #expect(plan.copies.count == 1 && plan.failures.map(\.subject) == ["s.io/app:v2"])
    }

    @Test("The newest by their dates, where tags are no versions")
    func dates() async throws {
        let source = try store.repository("s.io/app")
        for (tag, day) in [("old", "01"), ("new", "03"), ("middle", "02")] {
            let config = Array(#"{"os":"linux","architecture":"amd64","created":"2026-01-\#(day)T00:00:00Z"}"#.utf8)
            source.put(try SampleImage(layers: [Array(tag.utf8)], config: config), tag: tag)
        }
        let plan = try await plan("images: [{repository: s.io/app, tags: {newest: 2}}]")
        #expect(plan.actions.compactMap(\.tag?.name) == ["middle", "new"])
        #expect(plan.notes.first?.contains("by the images' dates") == true)
    }

    @Test("A tag that is deleted between the list and the question is noted; one that is still listed fails")
    func deletedTag() async throws {
        let source = try store.repository("s.io/app")
        for tag in ["1.0.0", "2.0.0", "3.0.0"] { source.put(try SampleImage(tag), tag: tag) }
        // Listed, without a manifest.
        source.content.manifests[try SampleImage("3.0.0").digest] = nil
        store.faults.observer = { [store] request in
            guard request.action == .resolve else { return }
            store.faults.observer = { _ in }
            source.content.tags["2.0.0"] = nil
        }
        let plan = try await plan("images: [{repository: s.io/app}]")
        #expect(plan.copies.compactMap(\.tag?.name) == ["1.0.0"])
        #expect(plan.notes == ["s.io/app:2.0.0 was deleted meanwhile and isn't mirrored"])
        #expect(plan.failures.map(\.subject) == ["s.io/app:3.0.0"])
    }

    @Test("A tag whose date can't be read keeps none of the newest others back")
    func unreadableDate() async throws {
        let source = try store.repository("s.io/app")
        for name in ["one", "two", "odd"] { source.put(try SampleImage(name), tag: name) }
        source.put(RawManifest(mediaType: .ociManifest, bytes: Array("{".utf8)), tag: "odd")
        let plan = try await plan("images: [{repository: s.io/app, tags: {newest: 2}}]")
        #expect(plan.copies.count == 2 && plan.failures.map(\.subject) == ["s.io/app:odd"])
        #expect(plan.selection.unknown.count == 1)
    }

    @Test("Two images can't have one name")
    func collision() async throws {
        for name in ["a.io/app", "b.io/app"] { try store.repository(name).put(try SampleImage(name), tag: "v1") }
        await #expect(throws: MirrorCollisionError.self) {
            _ = try await plan("layout: mirror\nimages: [{image: 'a.io/app:v1'}, {image: 'b.io/app:v1'}]")
        }
    }
}
