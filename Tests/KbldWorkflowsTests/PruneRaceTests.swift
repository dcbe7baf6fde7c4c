import ContainerImage
import ImageStore
import KbldWorkflows
import RegistryMirroring
import TestSupport
import Testing

/// Most of these have a registry that deletes a manifest with all tags that name it, and no tag by itself.
@Suite("Pruning while others change the target")
struct PruneRaceTests: MirrorTesting {
    let lab: MirrorLab

    init() throws { lab = try MirrorLab() }

    /// Prunes all but `1.2.0`, and has `change` happen right before the first request that `isMoment`.
    private func prune(
        when isMoment: @escaping @Sendable (MemoryStore.Request) -> Bool,
        _ change: @escaping @Sendable (MemoryRepository) throws -> Void
    ) async throws -> PruneWorkflow.Outcome {
        let work = try prune(Self.tags("1.2.0"))
        let plan = try await work.plan(in: store).plan
        let place = try target
        store.forgetRequests()
        store.faults.observer = { [store] request in
            guard request.repository == place.repository, isMoment(request) else { return }
            store.faults.observer = { _ in }
            #expect(throws: Never.self) { try change(place) }
        }
        return try await work.apply(plan, in: store)
    }

    private static func isDeletion(of digest: Digest) -> @Sendable (MemoryStore.Request) -> Bool {
        { $0.action == .remove && $0.subject == digest.description }
    }

    @Test("Tags that exchange what they name right before one of it is deleted: none that stays is lost")
    func exchange() async throws {
        _ = try await run()
        store.faults.keepsTags = true
        let (old, kept) = (try SampleImage("1.0.0"), try SampleImage("1.2.0"))
        let done = try await prune(when: Self.isDeletion(of: old.digest)) { place in
            place.content.tags["1.0.0"] = kept.digest
            place.content.tags["1.2.0"] = old.digest
        }
        let content = try target.content
        #expect(content.tags == ["1.0.0": kept.digest, "1.2.0": old.digest])
        #expect(content.manifests[old.digest] != nil && content.manifests[kept.digest] != nil)
        #expect(done.deleted?.map(\.tag) == ["1.1.0", "multi"])
        #expect(done.notes.contains { $0.contains("1.2.0 was put back with \(old.digest)") })
        #expect(done.notes.contains { $0.contains("1.0.0 stays: it names another image now") })
    }

    @Test("Tags that go and exchange what they name: what somebody has moved stays")
    func exchangeOfDoomed() async throws {
        _ = try await run()
        store.faults.keepsTags = true
        let (one, two) = (try SampleImage("1.0.0"), try SampleImage("1.1.0"))
        let done = try await prune(when: Self.isDeletion(of: one.digest)) { place in
            place.content.tags["1.0.0"] = two.digest
            place.content.tags["1.1.0"] = one.digest
        }
        #expect(try target.content.tags.filter { $0.key != "1.2.0" } == ["1.0.0": two.digest, "1.1.0": one.digest])
        #expect(done.deleted?.map(\.tag) == ["multi"])
    }

    @Test("An index that comes while what it leads to is deleted gets that back")
    func index() async throws {
        _ = try await run()
        store.faults.keepsTags = true
        let old = try SampleImage("1.0.0")
        let index = SampleIndex([old])
        let outer = SampleIndex([], indexes: [index])
        let done = try await prune(when: Self.isDeletion(of: old.digest)) { $0.put(outer, tag: "new") }
        let content = try target.content
        #expect(content.tags["new"] == outer.digest && content.manifests[old.digest] == old.manifest)
        #expect(content.manifests[index.digest] != nil)
        #expect(done.notes.contains { $0.contains("@\(old.digest) was put back: something leads to it by now") })
    }

    @Test("What is attached to an image that gets another name meanwhile stays", arguments: [false, true])
    func attachments(byDigestAlone: Bool) async throws {
        let old = try SampleImage("1.0.0")
        let signature = try SampleImage("signature", subject: old.manifest, artifactType: "a/b")
        _ = try await run()
        try target.put(signature)
        store.faults.keepsTags = byDigestAlone
        let done = try await prune(when: { $0.action == .remove }) { $0.content.tags["also"] = old.digest }
        let content = try target.content
        #expect(content.tags["also"] == old.digest && content.manifests[signature.digest] != nil)
        #expect(done.companions == 0)
    }

    @Test("What is attached to an image that stays isn't deleted by its digest, though its own tag goes")
    func attachedTag() async throws {
        let kept = try SampleImage("1.2.0")
        try source.put(try SampleImage("sbom", subject: kept.manifest, artifactType: "a/b"), tag: "sbom")
        _ = try await run()
        let sbom = try #require(try target.content.tags["sbom"])
        store.faults.keepsTags = true
        let work = try prune(Self.tags("1.2.0"))
        let done = try await work.apply(try await work.plan(in: store).plan, in: store)
        #expect(try target.content.manifests[sbom] != nil)
        #expect(done.notes.contains { $0.contains("sbom stays: the registry deletes by digest alone") })
    }

    @Test("A signature of an image that stays isn't deleted because its other tag goes")
    func sharedSignature() async throws {
        _ = try await run()
        let old = try SampleImage("1.0.0")
        let signature = try SampleImage("signature")
        try source.put(signature, tag: "signature")
        _ = try await run()
        let place = try target
        place.content.tags["theirs"] = old.digest
        place.content.tags[try #require(Tag.cosignSignatures(of: old.digest).first).name] = signature.digest
        store.faults.keepsTags = true
        let work = try prune(Self.tags("1.2.0"))
        _ = try await work.apply(try await work.plan(in: store).plan, in: store)
        #expect(place.content.manifests[signature.digest] != nil && place.content.tags["theirs"] == old.digest)
    }

    @Test("A registry that deletes images with their tags gets back those that other tags name")
    func greedyRegistry() async throws {
        try source.put(try SampleImage("1.2.0"), tag: "also")
        _ = try await run()
        store.faults.deletesImagesOfTags = true
        let work = try prune(Self.tags("1.2.0"))
        let done = try await work.apply(try await work.plan(in: store).plan, in: store)
        #expect(try target.content.tags == ["1.2.0": try SampleImage("1.2.0").digest])
        #expect(done.deleted?.map(\.tag) == ["1.0.0", "1.1.0", "also", "multi"])
        #expect(done.notes.contains { $0.contains("1.2.0 was put back") })
    }

    @Test("What can't be put back is told by its name")
    func refusedReturn() async throws {
        _ = try await run()
        store.faults.keepsTags = true
        let (old, kept) = (try SampleImage("1.0.0"), try SampleImage("1.2.0"))
        let store = store
        let error = await #expect(throws: (any Error).self) {
            _ = try await prune(when: Self.isDeletion(of: old.digest)) { place in
                place.content.tags["1.2.0"] = old.digest
                store.faults.refusedManifests = [old.digest]
            }
        }
        let text = error.map { "\($0)" } ?? ""
        #expect(
            text.contains("@\(old.digest) was deleted") && text.contains("app:1.2.0), and can't be put back"),
            "\(text)"
        )
        #expect(try target.content.manifests[kept.digest] != nil)
    }
}
