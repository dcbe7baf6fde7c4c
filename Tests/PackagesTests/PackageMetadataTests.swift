import ContainerImage
import FoundationEssentials
import ImageStore
import Packages
import TestSupport
import Testing

@Suite("What a package says beyond manifest.json")
struct PackageMetadataTests {
    private static let layer = Array("some layer".utf8)

    /// An image with this config and one layer of this type.
    private static func image(config: [UInt8], layerType: String) throws -> ImageNode {
        try SampleImage(layers: [layer], config: config, layerType: layerType).node(in: Repository("r.io/app"))
    }

    private func package(
        _ leaf: ImageNode,
        metadata: PackageMetadata = PackageMetadata(),
        _ body: (ArchiveReader) async throws -> Void
    ) async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "notes-\(UUID()).tar").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let plan = try ArchivePlan([.image(leaf)], metadata: metadata)
        let source = MemoryBlobs([Self.layer, leaf.config])
        try await ArchiveWriter(path: path).write(plan, from: { _ in source }, atMost: 2)
        try await body(try ArchiveReader(path: path))
    }

    @Test(
        "a delta stays one, whether it omits layers, entries, both or nothing",
        arguments: [nil, [], ["a"]],
        [nil, ["b"]]
    )
    func delta(layers: [String]?, entries: [String]?) throws {
        var metadata = PackageMetadata()
        metadata.omitted = layers?.map { .init(digest: Digest(of: Array($0.utf8)), size: 1) }
        metadata.absent = entries?.map {
            let entry = Descriptor(mediaType: .ociManifest, digest: Digest(of: Array($0.utf8)), size: 1)
            return PackageMetadata.AbsentEntry(index: Digest(of: []), entry: entry)
        }
        let decoded = try JSONDecoder().decode(PackageMetadata.self, from: JSONEncoder().encode(metadata))
        #expect(decoded == metadata)
    }

    @Test("a config that is not UTF-8 has its own entry, unaltered")
    func binaryConfig() async throws {
        let config: [UInt8] = [0xFF, 0x00, 0xC3, 0x28, 0x0A]
        let leaf = try Self.image(config: config, layerType: "application/vnd.oci.image.layer.v1.tar")
        try await package(leaf) { reader in
            #expect(reader.trees.flatMap(\.images).map(\.config) == [config])
            let read = try await reader.bytes(of: leaf.parsed.config)
            #expect(read == config)
            #expect(reader.metadata.isEmpty)
        }
    }

    @Test("names and platform filters come back as they were written")
    func metadata() async throws {
        let leaf = try Self.image(config: Array("{}".utf8), layerType: "application/vnd.oci.image.layer.v1.tar")
        let other = DigestReference(repository: leaf.reference.repository, digest: Digest(of: [1]))
        let platform = Platform(os: "linux", architecture: "arm", variant: "v7")
        let metadata = PackageMetadata(
            names: [.init(tag: try Tag("sha256-\(leaf.reference.digest.hex).sig"), image: leaf.reference)],
            platformFilters: [.init(index: other, filtered: leaf.reference, platforms: [platform])]
        )
        try await package(leaf, metadata: metadata) { reader in
            #expect(reader.metadata == metadata)
            #expect(reader.trees.map(\.reference) == [leaf.reference])
        }
    }

    @Test("tags come back as they were written; what the package lacks, and tags that stand for digests, are refused")
    func tags() async throws {
        let leaf = try Self.image(config: Array("{}".utf8), layerType: "application/vnd.oci.image.layer.v1.tar")
        let other = DigestReference(repository: leaf.reference.repository, digest: Digest(of: [1]))
        let metadata = PackageMetadata(tags: [.init(tag: try Tag("1.0"), image: leaf.reference)])
        try await package(leaf, metadata: metadata) { reader in
            #expect(reader.metadata == metadata)
            // They are no names: documents don't mean them.
            #expect(reader.names.isEmpty)
        }
        let digest = leaf.reference.digest
        let wrong: [(ContainerImage.Tag, DigestReference)] = [
            (try Tag("1.0"), other), (.kbldDigestTag(for: other.digest), leaf.reference),
            (.kbldDigestTag(for: digest), leaf.reference), (.imgpkg(of: other.digest), leaf.reference),
            (.referrers(of: digest), leaf.reference), (try #require(Tag.cosign(of: digest).first), leaf.reference),
        ]
        for (tag, image) in wrong {
            let metadata = PackageMetadata(tags: [.init(tag: tag, image: image)])
            await #expect(throws: ArchiveError.self, "\(tag)") { try await package(leaf, metadata: metadata) { _ in } }
        }
    }

    @Test("a layer that is not distributable is carried only when it was taken along", arguments: [false, true])
    func nonDistributable(isTakenAlong: Bool) async throws {
        var tree = ImageTree.image(
            try Self.image(
                config: Array("{}".utf8),
                layerType: "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"
            )
        )
        tree.includeNonDistributable { _ in isTakenAlong }
        let leaf = try #require(tree.images.first)
        try await package(leaf) { reader in
            let carried = reader.trees.flatMap(\.images).flatMap(\.packagedLayers)
            #expect(carried.map(\.digest) == (isTakenAlong ? [Digest(of: Self.layer)] : []))
        }
    }

    @Test(
        "a tag that isn't cosign's for an image of the package is refused",
        arguments: [
            "latest", "v1", "kbld-sha256-\(Digest(of: [1]).hex)", "sha256-\(Digest(of: [1]).hex).sig",
            "sha256-\(Digest(of: [1]).hex)",
        ]
    )
    func foreignNames(tag: String) async throws {
        let leaf = try Self.image(config: Array("{}".utf8), layerType: "application/vnd.oci.image.layer.v1.tar")
        let metadata = PackageMetadata(names: [.init(tag: try Tag(tag), image: leaf.reference)])
        await #expect(throws: ArchiveError.self) { try await package(leaf, metadata: metadata) { _ in } }
    }

    @Test("a platform filter is refused when what should prove it doesn't; without any proof it counts for nothing")
    func unprovenFilters() async throws {
        let leaf = try Self.image(config: Array("{}".utf8), layerType: "application/vnd.oci.image.layer.v1.tar")
        let whole = #"{"manifests":[]}"#
        let pinned = DigestReference(repository: leaf.reference.repository, digest: Digest(of: Array(whole.utf8)))
        var platformFilter = PlatformFilter(
            index: pinned,
            filtered: leaf.reference,
            platforms: [try Platform("linux/amd64")],
            whole: whole
        )
        let metadata = PackageMetadata(platformFilters: [platformFilter])
        await #expect(throws: ArchiveError.self) { try await package(leaf, metadata: metadata) { _ in } }
        platformFilter.whole = nil
        try await package(leaf, metadata: PackageMetadata(platformFilters: [platformFilter])) { reader in
            #expect(reader.metadata.platformFilter(of: pinned) == nil)
            #expect(reader.metadata.unprovenIndexes == [pinned])
        }
        platformFilter.index = leaf.reference
        try await package(leaf, metadata: PackageMetadata(platformFilters: [platformFilter])) { reader in
            #expect(reader.metadata.isEmpty)
        }
    }
}
