import ContainerImage
import ImageStore
import ImageTransfer
import TestSupport
import Testing

@Suite("Relocating images whose layers come in a stream")
struct StreamTests {
    private let store = MemoryStore()
    private let destination: MemoryRepository
    private let other: MemoryRepository
    private let image: SampleImage
    private let large = [UInt8](repeating: 7, count: 5 << 20)

    init() throws {
        destination = try store.repository("registry.example/app")
        other = try store.repository("other.example/app")
        image = try SampleImage(layers: [Array("one".utf8), large, Array("three".utf8)])
    }

    private func relocate(_ blobs: [[UInt8]], throwing error: (any Error)? = nil) async throws {
        let tree = image.tree(in: try Repository("source.example/app"))
        try await ImageRelocation(atMost: 4).copy(
            [ImageBatch([tree], to: destination), ImageBatch([tree], to: other)],
            streaming: MemoryStream(blobs, throwing: error)
        )
    }

    @Test("small and large layers arrive in all registries, in whatever order they come")
    func layers() async throws {
        try await relocate(image.layers.reversed())
        for repository in [destination, other] {
            #expect(repository.content.blobs == image.blobs)
            #expect(repository.content.manifests[image.digest] != nil)
        }
        #expect(store.subjects(of: .upload).count == 8)
    }

    @Test("what isn't wanted is passed over, and what is there isn't sent")
    func unwanted() async throws {
        for repository in [destination, other] { repository.content.blobs[Digest(of: large)] = large }
        try await relocate([Array("something else".utf8)] + image.layers)
        #expect(!store.subjects(of: .upload).contains(Digest(of: large).description))
        #expect(destination.content.blobs == image.blobs)
    }

    @Test("one registry may have a layer that the other lacks")
    func oneLacks() async throws {
        other.content.blobs[Digest(of: large)] = large
        try await relocate(image.layers)
        #expect(store.subjects(of: .upload, in: other.repository).count == 3)
        #expect(store.subjects(of: .upload, in: destination.repository).count == 4)
    }

    @Test("a layer that another repository of the registry has is taken over from there, and counts", arguments: 0..<3)
    func holdingRepository(position: Int) async throws {
        let layer = image.layers[position]
        let holder = try store.repository("registry.example/b")
        holder.content.blobs[Digest(of: layer)] = layer
        let progress = TransferProgress()
        let tree = image.tree(in: try Repository("source.example/app"))
        try await ImageRelocation(atMost: 4, progress: progress).copy(
            [destination, holder, other].map { ImageBatch([tree], to: $0) },
            streaming: MemoryStream(image.layers)
        )
        for repository in [destination, holder, other] { #expect(repository.content.blobs == image.blobs) }
        let digest = Digest(of: layer).description
        #expect(store.subjects(of: .mount, in: destination.repository).contains(digest))
        #expect(store.subjects(of: .upload, in: other.repository).contains(digest))
        let size = image.blobs.values.reduce(0) { $0 + $1.count }
        #expect(progress.outcome.bytesMoved == Int64(2 * size - layer.count))
        #expect(progress.outcome.bytesMoved + progress.outcome.bytesPresent == Int64(3 * size))
    }

    @Test("a stream that is damaged behind its layers makes no image appear")
    func damage() async throws {
        await #expect(throws: MemoryStoreError.self) {
            try await relocate(image.layers, throwing: MemoryStoreError("the stream's end", .outage))
        }
        #expect(destination.content.manifests.isEmpty && other.content.manifests.isEmpty)
    }
}
