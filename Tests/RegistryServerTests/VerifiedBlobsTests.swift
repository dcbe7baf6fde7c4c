import ContainerImage
import ImageStore
import NIOCore
import Packages
import RegistryServer
import Synchronization
import TestSupport
import Testing

/// A package of one blob whose bytes come when a gate opens.
private final class GatedPackage: ImagePackage {
    let gate = Gate()
    let bytes: [UInt8]
    private let count = Mutex(0)

    var path: String { "images.tar" }
    var format: PackageFormat { .kbld }
    var trees: [ImageTree] { [] }
    /// How often the bytes were asked for.
    var reads: Int { count.withLock { $0 } }

    init(_ text: String) { bytes = Array(text.utf8) }

    func entryName(of layer: Descriptor) -> String { layer.digest.description }

    func manifest(_ digest: Digest) async throws -> RawManifest { throw MemoryStoreError(path, .absent) }

    func content(of blob: Descriptor, from offset: Int64) async throws -> BlobBody {
        count.withLock { $0 += 1 }
        await gate.wait()
        return BlobBody(bytes.dropFirst(Int(offset)))
    }
}

@Suite("Blobs that are given only once they are verified")
struct VerifiedBlobsTests {
    private let blobs = VerifiedBlobs()
    private let blob = Descriptor(.octetStream, of: Array("layer".utf8))

    /// Starts callers that all wait for the same verification.
    private func callers(_ count: Int, of package: GatedPackage) async -> [Task<String, any Error>] {
        let callers = (0..<count).map { offset in
            Task { [blobs, blob] in
                var bytes: [UInt8] = []
                for try await chunk in try await blobs.content(of: blob, in: package, from: Int64(offset)) {
                    bytes += chunk.readableBytesView
                }
                return String(decoding: bytes, as: UTF8.self)
            }
        }
        while await blobs.waiting(for: blob.digest) < count { await Task.yield() }
        return callers
    }

    @Test("What several ask for at once is hashed once, and later not again")
    func shared() async throws {
        let package = GatedPackage("layer")
        let callers = await callers(3, of: package)
        await package.gate.open()
        for (caller, expected) in zip(callers, ["layer", "ayer", "yer"]) { #expect(try await caller.value == expected) }
        #expect(package.reads == 1 + 3)
        _ = try await blobs.content(of: blob, in: package, from: 0)
        #expect(package.reads == 1 + 3 + 1)
    }

    @Test("A caller that goes away takes nothing from the others")
    func cancelled() async throws {
        let package = GatedPackage("layer")
        let callers = await callers(2, of: package)
        callers[0].cancel()
        await #expect(throws: CancellationError.self) { try await callers[0].value }
        await package.gate.open()
        #expect(try await callers[1].value == "ayer")
        #expect(package.reads == 1 + 1)
    }

    @Test("Bytes of another digest are given to nobody")
    func damaged() async throws {
        let package = GatedPackage("other")
        let callers = await callers(2, of: package)
        await package.gate.open()
        for caller in callers { await #expect(throws: ArchiveError.self) { try await caller.value } }
        await #expect(throws: ArchiveError.self) { try await blobs.content(of: blob, in: package, from: 0) }
        #expect(package.reads == 1 + 1)
    }
}
