import ContainerImage
import FoundationEssentials
import ImageStore
import KbldWorkflows
import Packages
import RegistryMirroring
import TestSupport
import Testing

@Suite("Mirroring registries")
struct MirroringTests: MirrorTesting {
    let lab: MirrorLab

    init() throws { lab = try MirrorLab() }

    @Test("All tags arrive; the next run asks one HEAD a tag at either side and three lists, and fetches no manifest")
    func idle() async throws {
        #expect(try await run().copies.count == 4)
        let content = try target.content
        #expect(content.tags == (try source.content.tags))
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
        #expect(try target.content.tags["1.0.0"] == new.digest)
        #expect(try target.content.manifests.count >= 6)
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
        let source = try source
        let bad = try SampleImage("bad")
        source.put(bad, tag: "0.9.0")
        source.content.blobs[bad.parsed.layers[0].digest] = nil
        let rest = folder.path(of: "rest.yml")
        let plan = try await run { $0.failed = rest }
        #expect(plan.failures.map(\.subject) == ["s.io/app:0.9.0"])
        #expect(try target.content.tags.count == 4)
        source.put(bad)
        let options = MirroringWorkflow.Options(file: rest)
        let second = try await MirroringWorkflow(options, in: lines.context).run(in: store, progress: nil)
        #expect(second.failures.isEmpty && second.copies.map(\.target) == ["m.io/mirror/s.io/app:0.9.0"])
        await #expect(throws: (any Error).self) {
            source.content.blobs[bad.parsed.layers[0].digest] = nil
            try target.content.tags["0.9.0"] = nil
            try target.content.manifests[bad.digest] = nil
            try target.content.blobs[bad.parsed.layers[0].digest] = nil
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
        "A run that ends in the middle of what is attached sets no tag before that is there, and the next one brings it",
        arguments: ["referrers", "cosign"]
    )
    func endedAttachments(kind: String) async throws {
        let image = try SampleImage("1.0.0")
        let isReferrer = kind == "referrers"
        let signature = try SampleImage("s", subject: isReferrer ? image.manifest : nil, artifactType: "a/b")
        let name = Tag.cosignSignatures(of: image.digest).first?.name
        try source.put(signature, tag: isReferrer ? nil : name)
        let text = "companions: [\(kind)]\n\(Self.tags("1.0.0"))"
        store.faults.refusedManifests = [signature.digest]
        #expect(try await run(text).failures.count == 1)
        #expect(try target.content.tags.isEmpty)
        store.faults.refusedManifests = []
        #expect(try await run(text).copies.count == 1)
        let content = try target.content
        #expect(content.tags["1.0.0"] == image.digest && content.manifests[signature.digest] != nil)
        #expect(try await run(text).isEmpty)
    }

    @Test("Tags that never move are adopted, too, though a run doesn't ask for them")
    func adoptedImmutable() async throws {
        try target.put(try SampleImage("1.0.0"), tag: "1.0.0")
        let text = "immutable: ['1.*']\n"
        _ = try await run(text + Self.tags("1.0.0, 1.1.0")) { $0.adopts = true }
        let plan = try await prune(text + Self.tags("1.1.0")).plan(in: store).plan
        #expect(plan.tags.map(\.tag) == ["1.0.0"])
    }

    @Test("The document of the rest finds the files of its entries, in whatever folder it is")
    func restElsewhere() async throws {
        let pod = "kind: Pod\nspec:\n  image: s.io/app:1.0.0\n"
        let path = try folder.write(pod, to: "pod.yml")
        let rest = folder.path + "/rest"
        try FileManager.default.createDirectory(atPath: rest, withIntermediateDirectories: false)
        _ = try folder.write("a: [", to: "pod.yml")
        let plan = try await run("images: [{documents: pod.yml}]") { $0.failed = rest + "/rest.yml" }
        #expect(plan.failures.map(\.subject) == ["pod.yml"])
        _ = try folder.write(pod, to: "pod.yml")
        let work = try MirroringWorkflow(.init(file: rest + "/rest.yml"), in: lines.context)
        #expect(try await work.run(in: store, progress: nil).copies.map(\.target) == ["m.io/mirror/s.io/app:1.0.0"])
        #expect(try folder.text(of: "rest/rest.yml").contains(path))
    }
}
