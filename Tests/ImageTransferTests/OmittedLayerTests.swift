import ContainerImage
import ImageStore
import ImageTransfer
import TestSupport
import Testing

@Suite("Layers that a delta leaves out")
struct OmittedLayerTests {
    private let store = MemoryStore()
    private let destination: MemoryRepository
    private let base: MemoryRepository
    private let image: SampleImage
    /// What the package has: all but the first layer.
    private let package: MemoryBlobs

    init() throws {
        destination = try store.repository("registry.example/app")
        base = try store.repository("registry.example/base")
        image = try SampleImage("old", "new")
        package = MemoryBlobs([image.layers[1]])
    }

    private func relocate(bases: [MemoryRepository] = [], to further: [MemoryRepository] = []) async throws {
        let tree = image.tree(in: try Repository("source.example/app"))
        let batches = ([destination] + further).map { ImageBatch([tree], to: $0) }
        try await ImageRelocation(atMost: 4, omitting: OmittedLayers([omitted.digest], bases: bases))
            .copy(batches, from: { _ in package })
    }

    private var omitted: Descriptor { image.parsed.layers[0] }

    @Test("nothing is needed where they are there already")
    func present() async throws {
        destination.content.blobs[omitted.digest] = image.layers[0]
        try await relocate(bases: [base])
        #expect(destination.content.blobs == image.blobs)
        #expect(store.requests.allSatisfy { $0.repository != base.repository })
    }

    @Test("they are taken over from a base in the same registry")
    func nearBase() async throws {
        base.content.blobs[omitted.digest] = image.layers[0]
        try await relocate(bases: [base])
        #expect(store.subjects(of: .mount) == [omitted.digest.description])
        #expect(destination.content.manifests[image.digest] != nil)
    }

    @Test("they are copied from a base in another registry")
    func farBase() async throws {
        let far = try store.repository("far.example/base")
        far.content.blobs[omitted.digest] = image.layers[0]
        try await relocate(bases: [base, far])
        #expect(destination.content.blobs == image.blobs)
    }

    @Test("one destination has them from another")
    func otherDestination() async throws {
        let other = try store.repository("other.example/app")
        other.content.blobs[omitted.digest] = image.layers[0]
        try await relocate(to: [other])
        #expect(destination.content.blobs == image.blobs)
    }

    @Test("those that nobody has are named with the image and where they are missing, and nothing is sent")
    func nowhere() async throws {
        let error = await #expect(throws: OmittedLayersError.self) { try await relocate(bases: [base]) }
        let lines = try #require(error).lines.map(\.description)
        #expect(lines[0].contains("registry.example/base doesn't have them either"))
        #expect(lines[1] == "- \(omitted.digest) (3 B) of source.example/app, not in registry.example/app")
        #expect(destination.content == MemoryStore.Content())
    }
}
