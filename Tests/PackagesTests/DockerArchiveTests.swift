import ContainerImage
import FoundationEssentials
import ImageStore
import NIOCore
import Packages
import TestSupport
import Testing

@Suite("Tarballs of docker save")
struct DockerArchiveTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let layers = [Array("one".utf8), Array("two, a longer one".utf8)]

    private static func config(_ layers: [[UInt8]] = layers) -> String {
        let digests = layers.map { #""\#(Digest(of: $0))""# }.joined(separator: ",")
        return #"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[\#(digests)]}}"#
    }

    /// What `docker save` writes of one image, but for what a test changes.
    private func archive(
        config: String = config(),
        named name: String? = nil,
        layers: [[UInt8]] = layers,
        lists count: Int? = nil,
        tags: String = #"["r.io/app:1","r.io/app:2"]"#
    ) throws -> String {
        let configName = name ?? Digest(of: Array(config.utf8)).hex + ".json"
        let names = layers.indices.map { "layer\($0)/layer.tar" }
        let listed = (0..<(count ?? names.count)).map { #""layer\#($0)/layer.tar""# }.joined(separator: ",")
        let manifest = #"[{"Config":"\#(configName)","RepoTags":\#(tags),"Layers":[\#(listed)]}]"#
        let entries =
            [(configName, Array(config.utf8))] + zip(names, layers) + [("manifest.json", Array(manifest.utf8))]
        let path = folder.path(of: "saved.tar")
        try Data(TarBlocks.tarball(entries.map { (name: $0.0, data: $0.1) })).write(to: URL(filePath: path))
        return path
    }

    private func bytes(of blob: Descriptor, in package: AnyPackage) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await chunk in try await package.content(of: blob, from: 0) { bytes += chunk.readableBytesView }
        return bytes
    }

    @Test("An image gets a manifest, which is always the same, and the names of its tags")
    func reading() async throws {
        let package = try await AnyPackage(path: archive())
        #expect(package.format == .dockerArchive)
        let image = try #require(package.trees.first?.images.first)
        #expect(package.trees.count == 1 && image.reference.repository.description == "r.io/app")
        #expect(image.manifest.mediaType == .dockerManifest)
        #expect(try await AnyPackage(path: archive()).trees.map(\.manifest.digest) == [image.manifest.digest])
        #expect(try await package.manifest(image.manifest.digest) == image.manifest)
        #expect(image.parsed.config.digest == Digest(of: Array(Self.config().utf8)))
        #expect(image.parsed.layers.map(\.digest) == Self.layers.map { Digest(of: $0) })
        #expect(image.parsed.layers.map(\.size) == Self.layers.map { Int64($0.count) })
        for (layer, expected) in zip(image.parsed.layers, Self.layers) {
            #expect(try await bytes(of: layer, in: package) == expected)
        }
        #expect(try await bytes(of: image.parsed.config, in: package) == Array(Self.config().utf8))
        #expect(package.entryName(of: image.parsed.layers[1]) == "layer1/layer.tar")
        let names = [try ImageReference("r.io/app:1"), try ImageReference("r.io/app:2")]
        #expect(package.names == [names[0]: image.manifest.digest, names[1]: image.manifest.digest])
    }

    @Test("An image without a tag has a repository that is named after the file")
    func untagged() async throws {
        let package = try await AnyPackage(path: archive(tags: "null"))
        #expect(package.names.isEmpty && package.trees.count == 1)
        #expect(package.trees[0].reference.repository.path.contains("saved"))
    }

    @Test("BuildKit's attestations don't count as images of another platform; images of two platforms are refused")
    func attestations() throws {
        let one = try SampleImage("one")
        let attestation = try SampleImage("proof", platform: "unknown/unknown")
        let repository = try Repository("r.io/app")
        let plan = try ArchivePlan(dockerArchiveOf: [SampleIndex([one, attestation]).tree(in: repository)])
        #expect(plan.layerCount == 1)
        let two = SampleIndex([one, try SampleImage("two", platform: "linux/arm64")]).tree(in: repository)
        #expect(throws: ArchiveError.self) { try ArchivePlan(dockerArchiveOf: [two]) }
    }

    @Test("Artifacts are left out, whatever config they have; where there is nothing else, that is an error")
    func artifacts() throws {
        let (one, repository) = (try SampleImage("one"), try Repository("r.io/app"))
        let signature = try SampleImage("s", layerType: "application/vnd.dev.cosign.simplesigning.v1+json")
        let chart = try SampleImage(
            layers: [Array("c".utf8)],
            configType: "application/vnd.cncf.helm.config.v1+json",
            layerType: "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
        )
        let artifacts = [signature.tree(in: repository), chart.tree(in: repository)]
        let plan = try ArchivePlan(dockerArchiveOf: artifacts + [one.tree(in: repository)])
        #expect(plan.layerCount == 1 && plan.imageCount == 1)
        #expect(throws: ArchiveError.self) { try ArchivePlan(dockerArchiveOf: artifacts) }
    }

    @Test("An image needs all of its layers there, those that aren't distributable too")
    func lackingLayers() throws {
        let repository = try Repository("r.io/app")
        let type = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"
        var tree = try SampleImage("one", layerType: type).tree(in: repository)
        let error = #expect(throws: ArchiveError.self) { try ArchivePlan(dockerArchiveOf: [tree]) }
        #expect(error?.message.hints == [.includeNonDistributable])
        tree.includeNonDistributable { _ in true }
        #expect(try ArchivePlan(dockerArchiveOf: [tree]).layerCount == 1)
    }

    @Test("A layer that is compressed has the digest of its own bytes, and says how it is compressed")
    func compressed() async throws {
        let gzip: [UInt8] = [0x1F, 0x8B, 8, 0, 0]
        let zstd: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD, 1]
        let package = try await AnyPackage(path: archive(layers: [gzip, zstd]))
        let layers = try #require(package.trees.first?.images.first?.parsed.layers)
        #expect(layers.map(\.digest) == [Digest(of: gzip), Digest(of: zstd)])
        let type = "application/vnd.docker.image.rootfs.diff.tar"
        #expect(layers.map(\.mediaType.description) == [type + ".gzip", type + ".zstd"])
    }

    @Test("A whole tarball has no faults")
    func verification() async throws {
        let verification = try await PackageVerification(recognizing: archive(), atMost: 2)
        #expect(verification.findings == [] && verification.format == .dockerArchive)
        #expect(verification.trees.count == 1 && verification.names.count == 2)
        #expect(verification.layerCount == 2)
    }

    /// What is wrong with a tarball, and how verification calls it.
    enum Fault: CaseIterable {
        case lacksLayer, otherCount, alteredLayer, otherConfig, noDigest, badTag, lacksConfig

        var kind: PackageIssue.Kind {
            switch self {
            case .lacksLayer, .lacksConfig: .missing
            case .otherCount, .badTag, .noDigest: .manifest
            case .alteredLayer, .otherConfig: .altered
            }
        }
    }

    @Test("What is wrong is found, and named", arguments: Fault.allCases)
    func faults(fault: Fault) async throws {
        let path =
            switch fault {
            case .lacksLayer: try archive(config: Self.config(Self.layers + [[1]]), lists: 3)
            case .otherCount: try archive(lists: 1)
            case .alteredLayer: try archive(layers: [Self.layers[0], Array("two, another one".utf8)])
            case .otherConfig: try archive(named: Digest(of: [1]).hex + ".json")
            case .noDigest:
                try archive(config: #"{"rootfs":{"diff_ids":["one","two"]}}"#)
            case .badTag: try archive(tags: #"["No Reference"]"#)
            case .lacksConfig: try lacksConfig()
            }
        let verification = try await PackageVerification(recognizing: path, atMost: 1)
        #expect(verification.errors.map(\.kind).contains(fault.kind), "\(verification.findings)")
        #expect(verification.trees.isEmpty)
        // What is altered is found by who reads all of it; the rest keeps the package from being opened.
        if fault.kind != .altered {
            await #expect(throws: (any Error).self) { try await AnyPackage(path: path) }
        }
    }

    private func lacksConfig() throws -> String {
        let path = try archive()
        var bytes = Array(try Data(contentsOf: URL(filePath: path)))
        // The first entry is the config: it gets another name.
        bytes.replaceSubrange(0..<512, with: TarBlocks.entry("other.json", Array(Self.config().utf8)).prefix(512))
        try Data(bytes).write(to: URL(filePath: path))
        return path
    }

    @Test("Layers that an image shares with another are read once")
    func shared() async throws {
        let config = Self.config()
        let name = Digest(of: Array(config.utf8)).hex + ".json"
        let item = #"{"Config":"\#(name)","RepoTags":["TAG"],"Layers":["a.tar","b.tar"]}"#
        let manifest = "[\(item.replacing("TAG", with: "a.io/x:1")),\(item.replacing("TAG", with: "b.io/x:1"))]"
        let path = folder.path(of: "two.tar")
        let tarball = TarBlocks.tarball([
            (name, Array(config.utf8)), ("a.tar", Self.layers[0]), ("b.tar", Self.layers[1]),
            ("manifest.json", Array(manifest.utf8)),
        ])
        try Data(tarball).write(to: URL(filePath: path))
        let package = try await AnyPackage(path: path)
        #expect(package.trees.map(\.reference.repository.description) == ["a.io/x", "b.io/x"])
        #expect(Set(package.trees.map(\.manifest.digest)).count == 1)
        #expect(try await PackageVerification(recognizing: path, atMost: 1).layerCount == 2)
    }
}
