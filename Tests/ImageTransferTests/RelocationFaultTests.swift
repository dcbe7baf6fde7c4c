import ContainerImage
import ImageStore
import ImageTransfer
import Synchronization
import TestSupport
import Testing

@Suite("Relocating images when something goes wrong")
struct RelocationFaultTests {
    private let store = MemoryStore()
    private let source: MemoryRepository
    private let destination: MemoryRepository
    private let image: SampleImage
    private let index: SampleIndex

    init() throws {
        source = try store.repository("source.example/app")
        destination = try store.repository("registry.example/app")
        image = try SampleImage("one", "two")
        index = SampleIndex([image])
        source.put(index)
    }

    private func relocate(
        to repository: MemoryRepository? = nil,
        checking check: ImageRelocation.Check? = nil
    ) async throws {
        let batch = ImageBatch([index.tree(in: source.repository)], to: repository ?? destination)
        try await ImageRelocation(atMost: 4, checking: check).copy([batch], from: { store.repository($0) })
    }

    private var layer: Descriptor { image.parsed.layers[0] }

    @Test("a blob that was lost since the image arrived comes back")
    func lostBlob() async throws {
        try await relocate()
        let whole = destination.content
        for digest in image.blobs.keys {
            destination.content.blobs[digest] = nil
            store.forgetRequests()
            try await relocate()
            #expect(destination.content == whole)
            #expect(store.subjects(of: .upload) == [digest.description])
        }
    }

    @Test("a manifest below an index that was lost since comes back, with its blobs before it")
    func lostManifest() async throws {
        try await relocate()
        let whole = destination.content
        destination.content.manifests[image.digest] = nil
        destination.content.blobs = [:]
        store.forgetRequests()
        try await relocate()
        #expect(destination.content == whole)
        #expect(store.requests.last?.action == .push && store.subjects(of: .push) == [image.digest.description])
    }

    @Test("a registry that claims to have a blob gets it when it turns out to lack it")
    func claimedBlob() async throws {
        store.faults.claimedBlobs = [layer.digest]
        try await relocate()
        #expect(destination.content.blobs[layer.digest] == image.layers[0])
        #expect(destination.content.manifests[index.digest] != nil)
    }

    @Test("a blob that a registry claims to have taken over, and lacks, is uploaded")
    func lostMounts() async throws {
        store.faults.losesMounts = true
        let near = try store.repository("source.example/elsewhere")
        try await relocate(to: near)
        #expect(near.content.blobs == image.blobs)
        #expect(near.content.manifests[index.digest] != nil)
    }

    @Test("a registry that doesn't tell what it has gets everything the first time, and nothing the second")
    func silence() async throws {
        store.faults.isSilent = true
        try await relocate()
        #expect(store.subjects(of: .upload).count == 3)
        store.forgetRequests()
        try await relocate()
        #expect(store.subjects(of: .upload).isEmpty && store.subjects(of: .push).isEmpty)
    }

    @Test("a manifest that is refused is named with its destination; the index isn't there then")
    func refusedManifest() async throws {
        store.faults.refusedManifests = [image.digest]
        let error = await #expect(throws: RelocationError.self) { try await relocate() }
        #expect(error?.what == "manifest \(image.digest)" && error?.to == "registry.example/app")
        #expect(error?.description.hasSuffix("denied") == true)
        #expect(destination.content.manifests.isEmpty && destination.content.tags.isEmpty)
    }

    @Test("a blob that breaks off is named; no manifest is pushed")
    func breakage() async throws {
        store.faults.breakage = [layer.digest: 1]
        let error = await #expect(throws: RelocationError.self) { try await relocate() }
        #expect(error?.what == "blob \(layer.digest) of source.example/app")
        #expect(store.subjects(of: .push).isEmpty)
    }

    @Test("bytes that aren't the blob's are refused")
    func alteredBlob() async throws {
        source.content.blobs[layer.digest] = Array("eno".utf8)
        let error = await #expect(throws: RelocationError.self) { try await relocate() }
        #expect(error?.cause as? BlobError == .otherDigest(layer.digest, received: Digest(of: Array("eno".utf8))))
        #expect(destination.content.manifests.isEmpty)
    }

    @Test("a layer is checked before it is sent, and those alone that will be sent; none is hashed again")
    func checks() async throws {
        destination.content.blobs[layer.digest] = image.layers[0]
        let checked = Mutex<[Digest]>([])
        let verified = MemoryBlobs(image.layers, isVerified: true)
        try await relocate { blob, _ in
            BlobCheck(of: verified) { _, _ in
                #expect(store.subjects(of: .upload).isEmpty)
                checked.withLock { $0.append(blob.digest) }
            }
        }
        let other = image.parsed.layers[1].digest
        #expect(checked.withLock(\.self) == [other] && verified.askedOffsets == [other: [0]])
        #expect(store.hashedBlobs == [image.parsed.config.digest])
    }

    @Test("a layer that fails its check isn't sent; what was checked before it may be, but no manifest and no tag")
    func failedCheck() async throws {
        let wrong = BlobError.otherDigest(layer.digest, received: layer.digest)
        let other = image.parsed.layers[1].digest
        let verified = MemoryBlobs(image.layers, isVerified: true)
        let error = await #expect(throws: BlobError.self) {
            try await relocate { blob, _ in
                BlobCheck(of: verified) { _, _ in
                    guard blob.digest == layer.digest else { return }
                    // It comes out last: the other one is sent meanwhile.
                    while destination.content.blobs[other] == nil { await Task.yield() }
                    throw wrong
                }
            }
        }
        #expect(error == wrong)
        #expect(!store.subjects(of: .upload).contains(layer.digest.description))
        #expect(destination.content.blobs[layer.digest] == nil)
        #expect(destination.content.manifests.isEmpty && destination.content.tags.isEmpty)
    }

    @Test("a failure to send ends the checks")
    func failureWhileChecking() async throws {
        let other = image.parsed.layers[1].digest
        store.faults.isUploadRefused = true
        let verified = MemoryBlobs(image.layers, isVerified: true)
        let error = await #expect(throws: RelocationError.self) {
            try await relocate { blob, _ in
                BlobCheck(of: verified) { _, _ in
                    while blob.digest == layer.digest { try await Task.sleep(for: .seconds(600)) }
                }
            }
        }
        #expect(error?.to == "registry.example/app")
        #expect(destination.content.blobs[other] == nil)
    }

    @Test("a registry that doesn't answer ends it at once")
    func outage() async throws {
        store.faults.isDown = true
        let error = await #expect(throws: RelocationError.self) { try await relocate() }
        #expect(error?.what == "image \(index.tree(in: source.repository).reference)")
        #expect(store.requests.count == 1)
    }
}
