import ContainerImage
import FoundationEssentials
package import ImageStore

/// `manifest.json` of what `docker save` writes: for each image its config, its layers and its tags.
enum DockerManifest {
    private struct Item: Encodable {
        var config: String
        var repoTags: [String]?
        var layers: [String]

        enum CodingKeys: String, CodingKey {
            case config = "Config"
            case repoTags = "RepoTags"
            case layers = "Layers"
        }
    }

    /// The bytes for those of `trees` that are for one platform and have all layers, and the images of these. Artifacts, such
    /// as signatures, are left out: whoever reads the file takes each of its items for an image to run.
    ///
    /// - Parameter isWhole: Whether an index with images of several platforms, and an image that lacks layers, is an error
    ///   instead of left out.
    /// - Throws: `ArchiveError.severalPlatforms` and `.lacksLayers` naming these; `.nothingToRun` where artifacts are all that
    ///   there is.
    static func bytes(
        of trees: [ImageTree],
        _ metadata: PackageMetadata,
        isWhole: Bool
    ) throws -> (bytes: [UInt8], images: [ImageNode]) {
        let tags = Dictionary(grouping: metadata.tags ?? [], by: \.image)
        var items: [Digest: (image: ImageNode, tags: Set<String>)] = [:]
        for tree in trees {
            let images = tree.runnableImages
            guard let image = images.first else { continue }
            guard images.count == 1 else {
                if isWhole { throw ArchiveError.severalPlatforms(tree.reference) }
                continue
            }
            guard image.packagedLayers.count == image.parsed.layers.count else {
                if isWhole { throw ArchiveError.lacksLayers(tree.reference) }
                continue
            }
            let names = (tags[tree.reference] ?? []).map { LayoutNames.fullName(of: $0) }
            items[image.parsed.config.digest, default: (image, [])].tags.formUnion(names)
        }
        if isWhole, items.isEmpty, let tree = trees.first { throw ArchiveError.nothingToRun(tree.reference) }
        let sorted = items.sorted { $0.key < $1.key }.map(\.value)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let bytes = try encoder.encode(
            sorted.map { item in
                Item(
                    config: LayoutBlobs.name(of: item.image.parsed.config.digest),
                    repoTags: item.tags.isEmpty ? nil : item.tags.sorted(),
                    layers: item.image.parsed.layers.map { LayoutBlobs.name(of: $0.digest) }
                )
            }
        )
        return (Array(bytes), sorted.map(\.image))
    }
}

extension ArchivePlan {
    /// Lays out a tarball as `docker save` writes it: configs and layers as they are, without registry manifests.
    ///
    /// - Throws: `ArchiveError.severalPlatforms` for an index with several images, `.lacksLayers` for layers that aren't
    ///   distributable and weren't taken along.
    package init(dockerArchiveOf trees: [ImageTree], metadata: PackageMetadata = PackageMetadata()) throws {
        let (bytes, images) = try DockerManifest.bytes(of: trees, metadata, isWhole: true)
        var layers: [Digest: NamedLayer] = [:]
        for image in images {
            for layer in image.packagedLayers {
                layers[layer.digest] = NamedLayer(
                    name: LayoutBlobs.name(of: layer.digest),
                    layer: layer,
                    repository: image.reference.repository
                )
            }
        }
        let configs = images.map { (name: LayoutBlobs.name(of: $0.parsed.config.digest), bytes: $0.config) }
        try self.init(
            files: [(name: "manifest.json", bytes: bytes)] + configs,
            layers: layers.sorted { $0.key < $1.key }.map(\.value),
            imageCount: Set(images.map(\.reference)).count
        )
    }
}
