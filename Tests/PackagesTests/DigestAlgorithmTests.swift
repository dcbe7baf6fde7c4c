import ContainerImage
import FoundationEssentials
import ImageStore
import Packages
import TestSupport
import Testing

@Suite("Packages of images with SHA-512 digests")
struct DigestAlgorithmTests {
    private static let layers = [Array("a layer by sha512".utf8), Array("a layer by sha256".utf8)]

    private static func tree() throws -> ImageTree {
        func descriptor(_ bytes: [UInt8], _ algorithm: Digest.Algorithm) -> String {
            Descriptor(MediaType("x/tar"), of: bytes, by: algorithm).json
        }
        let config = Array(#"{"rootfs":{"diff_ids":["sha256:one","sha256:two"]}}"#.utf8)
        let list = [descriptor(layers[0], .sha512), descriptor(layers[1], .sha256)].joined(separator: ",")
        let text = #"{"config":\#(descriptor(config, .sha512)),"layers":[\#(list)]}"#
        return .image(try ImageNode(manifest: text, config: config, by: .sha512))
    }

    /// Writes the package, and hands its path to `body`.
    private func package(_ body: (String) async throws -> Void) async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "sha512-\(UUID()).tar").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await ArchiveWriter(path: path).write(
            try ArchivePlan([try Self.tree()]),
            from: { _ in MemoryBlobs(Self.layers) },
            atMost: 2
        )
        try await body(path)
    }

    @Test("they are written, read, verified and streamed under these digests")
    func roundTrip() async throws {
        let tree = try Self.tree()
        try await package { path in
            let reader = try ArchiveReader(path: path)
            #expect(reader.trees.map(\.reference) == [tree.reference])
            for layer in try #require(reader.trees.first).images[0].packagedLayers { try await reader.verify(layer) }
            let verification = try await PackageVerification(path: path, atMost: 1)
            #expect(verification.findings.isEmpty && verification.layerCount == 2)
            let stream = try await ArchiveStream(path: path)
            var found: [Digest] = []
            while let (blob, body) = try await stream.next() {
                for try await _ in body {}
                found.append(blob.digest)
            }
            #expect(found == [Digest(of: Self.layers[1]), Digest(of: Self.layers[0], by: .sha512)])
        }
    }

    @Test("an altered byte is found")
    func alteredLayer() async throws {
        try await package { path in
            var bytes = Array(try Data(contentsOf: URL(filePath: path)))
            let start = try #require(bytes.firstRange(of: Self.layers[0]))
            bytes[start.lowerBound] ^= 1
            try Data(bytes).write(to: URL(filePath: path))
            let reader = try ArchiveReader(path: path)
            let layer = try #require(reader.trees.first).images[0].parsed.layers[0]
            await #expect(throws: ArchiveError.self) { try await reader.verify(layer) }
            #expect(try await PackageVerification(path: path, atMost: 1).errors.map(\.kind) == [.altered])
        }
    }
}
