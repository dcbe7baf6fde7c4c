import ContainerImage
import ImageStore
import ImageTransfer
import TestSupport
import Testing

@Suite("Relocating images")
struct RelocationTests {
    private let store = MemoryStore()
    private let source: MemoryRepository
    private let destination: MemoryRepository
    private let image: SampleImage

    init() throws {
        source = try store.repository("source.example/app")
        destination = try store.repository("registry.example/app")
        image = try SampleImage("one", "two")
        source.put(image)
    }

    private func relocate(_ trees: [ImageTree], to destinations: MemoryRepository...) async throws {
        let batches = destinations.map { ImageBatch(trees, to: $0) }
        try await ImageRelocation(atMost: 4).copy(batches, from: { store.repository($0) })
    }

    private func relocateImage(
        to destinations: MemoryRepository...,
        counting progress: TransferProgress? = nil
    ) async throws {
        let batches = destinations.map { ImageBatch([image.tree(in: source.repository)], to: $0) }
        try await ImageRelocation(atMost: 4, progress: progress).copy(batches, from: { store.repository($0) })
    }

    @Test("an image arrives under its digest, with all its blobs, and a tag that names the digest")
    func wholeImage() async throws {
        try await relocateImage(to: destination)
        let content = destination.content
        #expect(content.manifests[image.digest]?.bytes == image.manifest.bytes)
        #expect(content.blobs == image.blobs)
        #expect(content.tags == [Tag.kbldDigestTag(for: image.digest).name: image.digest])
    }

    @Test("each blob is asked for once, and uploaded once")
    func requests() async throws {
        try await relocateImage(to: destination)
        let blobs = Set(image.blobs.keys.map(\.description))
        for action in [MemoryStore.Action.askBlob, .upload] {
            let subjects = store.subjects(of: action)
            #expect(subjects.count == 3 && Set(subjects) == blobs, "\(action)")
        }
        #expect(store.subjects(of: .push) == [image.digest.description])
    }

    @Test("a blob that is there isn't sent")
    func presentBlob() async throws {
        let layer = image.parsed.layers[0].digest
        destination.content.blobs[layer] = image.layers[0]
        try await relocateImage(to: destination)
        #expect(!store.subjects(of: .upload).contains(layer.description))
        #expect(destination.content.blobs == image.blobs)
    }

    @Test("a second run sends nothing, and asks for the tag and each blob once")
    func secondRun() async throws {
        try await relocateImage(to: destination)
        store.forgetRequests()
        try await relocateImage(to: destination)
        #expect(store.requests.map(\.action) == [.askTag, .askBlob, .askBlob, .askBlob])
    }

    @Test("a manifest is pushed after all that it refers to; the root alone is tagged")
    func order() async throws {
        let inner = SampleIndex([try SampleImage("three")])
        let index = SampleIndex([image], indexes: [inner])
        source.put(index)
        try await relocate([index.tree(in: source.repository)], to: destination)
        let pushed = store.subjects(of: .push)
        #expect(Set(pushed.prefix(2)) == [image.digest.description, inner.images[0].digest.description])
        #expect(pushed.dropFirst(2) == [inner.digest.description, index.digest.description])
        #expect(destination.content.tags.values.map(\.self) == [index.digest])
        let firstPush = store.requests.firstIndex { $0.action == .push }
        let lastUpload = store.requests.lastIndex { $0.action == .upload }
        #expect(try #require(firstPush) > #require(lastUpload))
    }

    @Test("what images have in common is sent once")
    func sharedLayers() async throws {
        let other = try SampleImage("one", "three")
        source.put(other)
        try await relocate([image, other].map { $0.tree(in: source.repository) }, to: destination)
        #expect(store.subjects(of: .upload).count == 5)
        #expect(destination.content.manifests.count == 2)
    }

    @Test("within one registry nothing is uploaded: blobs are taken over from where they are")
    func mounts() async throws {
        let near = try store.repository("source.example/elsewhere/app")
        try await relocateImage(to: near)
        #expect(store.subjects(of: .upload).isEmpty)
        #expect(store.subjects(of: .mount).count == 3)
        #expect(near.content.blobs == image.blobs)
    }

    @Test("a registry that takes nothing over gets the bytes")
    func refusedMounts() async throws {
        store.faults.refusesMounts = true
        let near = try store.repository("source.example/elsewhere/app")
        try await relocateImage(to: near)
        #expect(near.content.blobs == image.blobs)
    }

    @Test("of several repositories of a registry the first gets the bytes, and the others take them over from there")
    func severalRepositories() async throws {
        let others = try [store.repository("registry.example/b"), store.repository("registry.example/c")]
        try await relocateImage(to: destination, others[0], others[1])
        for repository in [destination] + others { #expect(repository.content.blobs == image.blobs) }
        #expect(store.subjects(of: .upload, in: destination.repository).count == 3)
        #expect(store.subjects(of: .upload).count == 3)
        #expect(store.subjects(of: .mount).count == 6)
    }

    @Test(
        "a blob that another repository of the run and registry has is taken over from there",
        arguments: [true, false]
    )
    func holdingRepository(isRefused: Bool) async throws {
        store.faults.refusesMounts = isRefused
        let (layer, holder) = (image.parsed.layers[0].digest, try store.repository("registry.example/b"))
        holder.content.blobs[layer] = image.layers[0]
        let progress = TransferProgress()
        try await relocateImage(to: destination, holder, counting: progress)
        #expect(destination.content.blobs == image.blobs && holder.content.blobs == image.blobs)
        #expect(store.subjects(of: .mount, in: destination.repository).contains(layer.description) == !isRefused)
        let isUploaded = store.subjects(of: .upload, in: destination.repository).contains(layer.description)
        #expect(isUploaded == isRefused)
        let read = store.subjects(of: .readBlob, in: holder.repository)
        #expect(!read.contains(layer.description), "it is read from the source")
    }

    @Test("bytes count for each repository that they go to: sent, mounted or there already")
    func severalCounts() async throws {
        let size = image.blobs.values.reduce(0) { $0 + $1.count }
        let others = try [store.repository("other.example/app"), store.repository("registry.example/b")]
        let present = image.parsed.layers[1]
        others[0].content.blobs[present.digest] = image.layers[1]
        let progress = TransferProgress()
        try await relocateImage(to: destination, others[0], others[1], counting: progress)
        let outcome = progress.outcome
        #expect(outcome.bytesMoved == Int64(2 * size) - present.size)
        #expect(outcome.bytesMoved + outcome.bytesPresent == Int64(3 * size))
        #expect(outcome.layers == 2)
    }

    @Test("each of several registries gets the bytes")
    func severalRegistries() async throws {
        let other = try store.repository("other.example/app")
        try await relocateImage(to: destination, other)
        #expect(store.subjects(of: .upload).count == 6)
        #expect(other.content.manifests[image.digest] != nil)
    }

    @Test("where many small blobs go to a new repository, none of them is asked for")
    func newRepository() async throws {
        let many = try SampleImage(layers: (0..<20).map { [UInt8($0)] })
        source.put(many)
        try await relocate([many.tree(in: source.repository)], to: destination)
        #expect(store.subjects(of: .askRepository).count == 1)
        #expect(store.subjects(of: .askBlob).isEmpty)
        #expect(destination.content.blobs == many.blobs)
    }

    @Test("a repository that has an image already is asked for each blob, however many there are")
    func knownRepository() async throws {
        destination.put(image)
        let many = try SampleImage(layers: (0..<20).map { [UInt8($0)] })
        source.put(many)
        try await relocate([many.tree(in: source.repository)], to: destination)
        #expect(store.subjects(of: .askBlob).count == 21)
    }

    @Test("layers that aren't distributable stay where they are, unless they are included", arguments: [true, false])
    func foreignLayers(isIncluded: Bool) async throws {
        let type = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"
        let foreign = try SampleImage("foreign", layerType: type)
        source.put(foreign)
        var tree = foreign.tree(in: source.repository)
        tree.includeNonDistributable { _ in isIncluded }
        try await relocate([tree], to: destination)
        #expect((destination.content.blobs[foreign.parsed.layers[0].digest] != nil) == isIncluded)
        #expect(destination.content.manifests[foreign.digest] != nil)
    }

    @Test("further tags are put on images, those that are there already aren't pushed again")
    func tags() async throws {
        let batch = ImageBatch(
            [image.tree(in: source.repository)],
            to: destination,
            tags: [image.digest: [try Tag("v1"), try Tag("latest")]]
        )
        for _ in 0..<2 { try await ImageRelocation(atMost: 4).copy([batch], from: { store.repository($0) }) }
        #expect(destination.content.tags["v1"] == image.digest && destination.content.tags["latest"] == image.digest)
        #expect(store.subjects(of: .push).count == 3)
    }
}
