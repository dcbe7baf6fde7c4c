public import ContainerImage
import FoundationEssentials
public import ImageStore
import NIOCore

/// Reads a tarball as `docker save` and `skopeo copy … docker-archive:` write it.
///
/// The format has no registry manifests, so one is made for each image: Docker's version 2, schema 2, with the config and
/// the layers as they are. The same tarball always gives the same digests.
public struct DockerArchiveReader: ImagePackage {
    /// Where the tarball is.
    public let path: String
    /// A tarball as `docker save` writes it.
    public var format: PackageFormat { .dockerArchive }
    /// The images, once for each repository that they have a tag in.
    public let trees: [ImageTree]
    /// What `RepoTags` says.
    public let names: [ImageReference: Digest]
    private let manifests: [Digest: RawManifest]
    private let places: [Digest: FileSlice]

    /// An element of `manifest.json`.
    struct Item: Decodable {
        var config: String
        var repoTags: [String]?
        var layers: [String]

        enum CodingKeys: String, CodingKey {
            case config = "Config"
            case repoTags = "RepoTags"
            case layers = "Layers"
        }
    }

    /// What `manifest.json` lists; nil if it is none of this format.
    static func items(of files: TarFiles) throws(ArchiveError) -> [Item]? {
        let name = "manifest.json"
        guard let place = try files.place(of: name), place.size <= LayoutReader.indexLimit else { return nil }
        let bytes = try files.bytes(of: name, limit: LayoutReader.indexLimit)
        guard JSONNesting.isWithinLimit(bytes), let elements = JSONText.elements(of: bytes), !elements.isEmpty else {
            return nil
        }
        var items: [Item] = []
        for element in elements {
            guard let item = try? JSONDecoder().decode(Item.self, from: Data(bytes[element])) else { return nil }
            items.append(item)
        }
        do throws(JSONAmbiguityError) {
            try shape.check(bytes)
        } catch {
            throw .badManifest(path: files.path, reason: "\(error)")
        }
        return items
    }

    private static let shape: JSONShape = .list(
        .object(knowing: ["Config": .anything, "RepoTags": .anything, "Layers": .anything])
    )

    /// Creates the manifests. Compressed layers are read once for their digests.
    ///
    /// - Throws: `ArchiveError` naming the entry that is not as it must be.
    init(_ files: TarFiles, items: [Item]) async throws {
        path = files.path
        let unnamed = LayoutNames(path: files.path).unnamed
        var trees: [ImageTree] = []
        var recorded: [ImageReference: Digest] = [:]
        var manifests: [Digest: RawManifest] = [:]
        var layers = DockerLayers(files: files)
        var total: Int64 = 0
        for item in items {
            let image = try await DockerImage(item, in: files, layers: &layers)
            total = total.addingUpToLimit(image.configSize)
            guard total <= ImageTree.bytesLimit else {
                throw ArchiveError.badManifest(
                    path: path,
                    reason: "the configs of its images exceed \(ByteCount(ImageTree.bytesLimit))"
                )
            }
            let digest = image.manifest.digest
            manifests[digest] = image.manifest
            var repositories: Set<Repository> = []
            for text in item.repoTags ?? [] {
                guard let reference = try? ImageReference(text) else {
                    throw ArchiveError.damaged(
                        path: path,
                        entry: "manifest.json",
                        reason: "'\(text)' in RepoTags is not a valid reference"
                    )
                }
                recorded[reference] = digest
                repositories.insert(reference.repository)
            }
            if repositories.isEmpty { repositories = [unnamed] }
            for repository in repositories.sorted() {
                trees.append(.image(image.leaf(in: repository)))
            }
        }
        self.trees = trees
        names = recorded
        self.manifests = manifests
        places = layers.places
    }

    /// A manifest that was made.
    public func manifest(_ digest: Digest) async throws -> RawManifest {
        guard let manifest = manifests[digest] else {
            throw ArchiveError.missingEntry(path: path, name: digest.description)
        }
        return manifest
    }

    /// The bytes of a config or layer.
    public func content(of blob: Descriptor, from offset: Int64) async throws -> BlobBody {
        guard let place = places[blob.digest] else {
            throw ArchiveError.missingEntry(path: path, name: blob.digest.description)
        }
        return place.content(from: offset)
    }

    /// Where a blob's file is.
    public func place(of layer: Descriptor) -> FileSlice? { places[layer.digest] }

    /// The name that `manifest.json` has for the layer.
    public func entryName(of layer: Descriptor) -> String { places[layer.digest]?.name ?? layer.digest.description }
}

/// Finds the layers' files, and their digests.
struct DockerLayers {
    let files: TarFiles
    private(set) var places: [Digest: FileSlice] = [:]
    private var known: [String: Descriptor] = [:]

    init(files: TarFiles) { self.files = files }

    /// How a file that begins so is compressed, nil when it isn't.
    static func compression(_ start: [UInt8]) -> String? {
        if start.starts(with: [0x1F, 0x8B]) { return "gzip" }
        return start == [0x28, 0xB5, 0x2F, 0xFD] ? "zstd" : nil
    }

    mutating func add(_ place: FileSlice, as digest: Digest) { places[digest] = place }

    /// What a manifest says of the layer at `name`, whose unpacked bytes have the digest `diffID`.
    mutating func descriptor(of name: String, diffID: String) async throws -> Descriptor {
        if let descriptor = known[name] { return descriptor }
        guard let place = try files.place(of: name) else {
            throw ArchiveError.missingEntry(path: files.path, name: name)
        }
        let start = try place.file.bytes(at: place.offset, count: Int(min(4, place.size)), entry: name)
        let type: String
        let digest: Digest
        if let compression = Self.compression(start) {
            type = "." + compression
            var digester = Digester()
            for try await chunk in place.content(from: 0) {
                try Task.checkCancellation()
                chunk.withUnsafeReadableBytes { digester.update($0) }
            }
            digest = digester.finish()
        } else {
            type = ""
            guard let stated = try? Digest(diffID) else {
                throw ArchiveError.damaged(
                    path: files.path,
                    entry: name,
                    reason: "the image's config has '\(diffID)' for it, which is not a digest"
                )
            }
            digest = stated
        }
        let descriptor = Descriptor(
            mediaType: MediaType("application/vnd.docker.image.rootfs.diff.tar" + type),
            digest: digest,
            size: place.size
        )
        known[name] = descriptor
        places[digest] = place
        return descriptor
    }
}

/// One image of the tarball with the manifest that is made for it.
struct DockerImage {
    let manifest: RawManifest
    private let parsed: ImageManifest
    private let config: [UInt8]
    var configSize: Int64 { Int64(config.count) }

    init(_ item: DockerArchiveReader.Item, in files: TarFiles, layers: inout DockerLayers) async throws {
        config = try files.bytes(of: item.config, limit: Int64(ImageConfig.sizeLimit))
        do throws(JSONAmbiguityError) {
            try ImageConfig.shape.check(config)
        } catch {
            throw ArchiveError.damaged(path: files.path, entry: item.config, reason: "\(error)")
        }
        let diffIDs = ImageConfig(config).diffIDs
        guard diffIDs.count == item.layers.count else {
            throw ArchiveError.damaged(
                path: files.path,
                entry: item.config,
                reason:
                    "the config has \(Count.text(diffIDs.count, "layer")), but manifest.json has \(item.layers.count)"
            )
        }
        var described: [Descriptor] = []
        for (name, diffID) in zip(item.layers, diffIDs) {
            described.append(try await layers.descriptor(of: name, diffID: diffID))
        }
        let about = Descriptor(
            mediaType: MediaType("application/vnd.docker.container.image.v1+json"),
            digest: Digest(of: config),
            size: Int64(config.count)
        )
        if let place = try files.place(of: item.config) { layers.add(place, as: about.digest) }
        let text = """
            {"schemaVersion":2,"mediaType":"\(MediaType.dockerManifest)","config":\(Self.json(about)),\
            "layers":[\(described.map(Self.json).joined(separator: ","))]}
            """
        manifest = RawManifest(mediaType: .dockerManifest, bytes: Array(text.utf8))
        guard case .image(let parsed) = try manifest.parsed() else { throw ManifestError.noConfig(manifest.digest) }
        self.parsed = parsed
    }

    func leaf(in repository: Repository) -> ImageNode {
        let reference = DigestReference(repository: repository, digest: manifest.digest)
        return ImageNode(reference: reference, manifest: manifest, parsed: parsed, config: config)
    }

    private static func json(_ descriptor: Descriptor) -> String {
        #"{"mediaType":"\#(descriptor.mediaType)","size":\#(descriptor.size),"digest":"\#(descriptor.digest)"}"#
    }
}
