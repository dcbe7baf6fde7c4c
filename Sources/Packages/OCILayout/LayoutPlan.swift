import Algorithms
import ContainerImage
import FoundationEssentials
public import ImageStore

/// What an OCI image layout of some images has in it. The same images give the same bytes.
///
/// OCI image specification 1.1, "Image Layout".
public struct LayoutPlan: Sendable {
    /// The bytes of `index.json`.
    let index: [UInt8]
    /// The images and indexes that it lists.
    let roots: Set<Digest>
    /// How many images and indexes it lists, each once whatever its names.
    let imageCount: Int
    /// Manifests and configs, in the order of their digests.
    let small: [(digest: Digest, bytes: [UInt8])]
    /// The layers, in the order of their digests.
    let layers: [NamedLayer]
    /// The bytes of Docker's `manifest.json`, if there is to be one.
    let dockerManifest: [UInt8]?
    /// The bytes of its signature, if it is signed.
    private(set) var signature: [UInt8]?

    /// The bytes of `oci-layout`.
    static let version = Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8)

    /// Lays out `trees`: `index.json` lists each with its full reference as containerd's name, and with the tag
    /// `kbld-sha256-<hex>` as the reference's name; and those that have names or tags in `metadata` once more under each.
    ///
    /// - Parameter naming: The names for runtimes; nil for those that the metadata has.
    /// - Throws: `ArchiveError` when manifests contradict each other, or a name is too long for runtimes.
    public init(
        _ trees: [ImageTree],
        metadata: PackageMetadata = PackageMetadata(),
        naming: LayoutNaming? = nil
    ) throws {
        var small: [Digest: [UInt8]] = [:]
        var layers: [Digest: NamedLayer] = [:]
        for tree in trees.flatMap(\.all) { small[tree.manifest.digest] = tree.manifest.bytes }
        for leaf in trees.flatMap(\.images) {
            small[leaf.parsed.config.digest] = leaf.config
            for layer in leaf.packagedLayers {
                if let known = layers[layer.digest]?.layer, known.size != layer.size {
                    throw ArchiveError.conflictingSizes(layer.digest, known.size, layer.size)
                }
                layers[layer.digest] = NamedLayer(
                    name: LayoutBlobs.name(of: layer.digest),
                    layer: layer,
                    repository: leaf.reference.repository
                )
            }
        }
        imageCount = Set(trees.map(\.reference)).count
        index = try Self.index(of: trees, metadata, naming)
        dockerManifest =
            naming?.isDockerCompatible == true
            ? try DockerManifest.bytes(of: trees, metadata, isWhole: false).bytes : nil
        roots = Set(trees.map(\.manifest.digest))
        self.small = small.map { (digest: $0.key, bytes: $0.value) }.sorted { $0.digest < $1.digest }
        self.layers = layers.filter { small[$0.key] == nil }.sorted { $0.key < $1.key }.map(\.value)
    }

    /// What a signature of the layout is about.
    public var seal: PackageSeal { PackageSeal(of: PackageSeal.layoutManifest, manifest: Digest(of: index)) }

    /// The same layout with a signature, in a file beside `index.json`.
    public func signed(with signature: [UInt8]) -> LayoutPlan {
        var plan = self
        plan.signature = signature
        return plan
    }

    /// The layout as a tarball, an "oci-archive".
    ///
    /// - Throws: `ArchiveError.tooLarge` when there can be no file of that size.
    public func archive() throws(ArchiveError) -> ArchivePlan {
        let files = small.map { (name: LayoutBlobs.name(of: $0.digest), bytes: $0.bytes) }
        return try ArchivePlan(
            files: [(name: "oci-layout", bytes: Self.version), (name: "index.json", bytes: index)]
                + (signature.map { [(name: PackageSeal.entryName, bytes: $0)] } ?? [])
                + (dockerManifest.map { [(name: "manifest.json", bytes: $0)] } ?? []) + files,
            layers: layers,
            imageCount: imageCount
        )
    }

    private struct Index: Encodable {
        var schemaVersion = 2
        var mediaType = MediaType.ociIndex
        var manifests: [Descriptor]
        var annotations: [String: String]?
    }

    private static func index(
        of trees: [ImageTree],
        _ metadata: PackageMetadata,
        _ naming: LayoutNaming?
    ) throws -> [UInt8] {
        // An image without a tag would be lost without its digest.
        let tagged = naming?.byDigest == false ? Set((metadata.tags ?? []).map(\.image)) : []
        let distinct = trees.uniqued(on: \.reference).filter { !tagged.contains($0.reference) }
        var manifests = distinct.sorted { ($0.reference.digest, $0.reference) < ($1.reference.digest, $1.reference) }
            .map { tree in
                var descriptor = tree.manifest.descriptor
                descriptor.annotations = [
                    LayoutNames.fullName: LayoutNames.fullName(of: tree.reference),
                    LayoutNames.referenceName: Tag.kbldDigestTag(for: tree.reference.digest).name,
                ]
                return descriptor
            }
        let descriptors = Dictionary(trees.map { ($0.reference.digest, $0.manifest.descriptor) }) { first, _ in first }
        let names = Set((metadata.names ?? []) + (naming?.byTag == false ? [] : metadata.tags ?? []))
        for name in names.sorted(by: { LayoutNames.fullName(of: $0) < LayoutNames.fullName(of: $1) }) {
            guard var descriptor = descriptors[name.image.digest] else { continue }
            descriptor.annotations = [
                LayoutNames.fullName: LayoutNames.fullName(of: name), LayoutNames.referenceName: name.tag.name,
            ]
            manifests.append(descriptor)
        }
        if naming != nil,
            let long = manifests.compactMap({ $0.annotations?[LayoutNames.fullName] })
                .first(where: { $0.utf8.count > LayoutNaming.limit })
        {
            throw ArchiveError.longName(long)
        }
        var index = Index(manifests: manifests)
        // A layout's index says by itself what is tagged.
        var metadata = metadata
        metadata.tags = nil
        if !metadata.isEmpty {
            index.annotations = [LayoutNames.metadata: String(decoding: try metadata.encoded(), as: UTF8.self)]
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(index))
    }
}
