import ContainerImage
import ImageStore
import ImageTransfer
import NIOCore
import Synchronization
import TestSupport
import Testing

/// A large layer goes out while it is verified, and never ahead of that.
@Suite("Sending a layer behind its verification", .timeLimit(.minutes(1)))
struct FollowedLayerTests {
    /// A layer of 4 MiB, and how many of its bytes were read to be sent.
    private final class Layer: ImageSource {
        static let count = 4 << 20
        let bytes = [UInt8]((0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        let sent = Mutex(0)
        let name = "package.tar"
        let isVerified = true

        func manifest(_ digest: Digest) throws -> RawManifest { throw CancellationError() }

        func content(of blob: Descriptor, from offset: Int64) -> BlobBody {
            let position = Mutex(Int(offset))
            return BlobBody(
                AsyncThrowingStream {
                    let start = position.withLock { $0 }
                    guard start < Self.count else { return nil }
                    let piece = ByteBuffer(bytes: self.bytes[start..<min(start + 200_000, Self.count)])
                    position.withLock { $0 += piece.readableBytes }
                    self.sent.withLock { $0 += piece.readableBytes }
                    return piece
                }
            )
        }

        var sentCount: Int { sent.withLock(\.self) }
    }

    private let store = MemoryStore()
    private let destination: MemoryRepository
    private let layer = Layer()
    private let image: SampleImage

    init() throws {
        destination = try store.repository("registry.example/app")
        image = try SampleImage(layers: [layer.bytes])
    }

    private var digest: Digest { image.parsed.layers[0].digest }

    private func relocate(_ check: @escaping BlobCheck.Verification) async throws {
        let tree = image.tree(in: try Repository("source.example/app"))
        try await ImageRelocation(atMost: 4, checking: { _, _ in BlobCheck(of: layer, check) })
            .copy([ImageBatch([tree], to: destination)], from: { _ in layer })
    }

    /// Waits until `count` bytes were read, and gives others the time to read more.
    private func reads(_ count: Int) async -> Int {
        while layer.sentCount < count { await Task.yield() }
        for _ in 0..<100 { await Task.yield() }
        return layer.sentCount
    }

    @Test("no byte is read before it was hashed, and the last ones not before all are right")
    func order() async throws {
        try await relocate { _, passed in
            passed(2 << 20)
            #expect(await reads(3 << 19) <= 2 << 20)
            passed(2 << 20)
            #expect(await reads(5 << 19) <= 3 << 20)
            #expect(destination.content.blobs.keys.allSatisfy { $0 != digest })
        }
        #expect(layer.sentCount == Layer.count)
        #expect(destination.content.blobs[digest] == layer.bytes)
        #expect(!store.hashedBlobs.contains(digest))
    }

    @Test("a layer that turns out to be wrong is never there, and what is wrong with it is said")
    func alteration() async throws {
        let wrong = BlobError.otherDigest(digest, received: digest)
        let error = await #expect(throws: BlobError.self) {
            try await relocate { _, passed in
                passed(Layer.count)
                _ = await reads(2 << 20)
                throw wrong
            }
        }
        #expect(error == wrong)
        #expect(layer.sentCount < Layer.count)
        #expect(destination.content.blobs[digest] == nil && destination.content.manifests.isEmpty)
    }

    @Test("a registry that refuses the layer ends its verification")
    func refusal() async throws {
        store.faults.isUploadRefused = true
        let error = await #expect(throws: RelocationError.self) {
            try await relocate { _, _ in try await Task.sleep(for: .seconds(600)) }
        }
        #expect(error?.to == "registry.example/app")
    }

    @Test("who cancels is answered at once, while the verification hasn't begun to pass")
    func cancellation() async throws {
        let begun = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            try await relocate { _, _ in
                begun.continuation.finish()
                try await Task.sleep(for: .seconds(600))
            }
        }
        for await _ in begun.stream {}
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
