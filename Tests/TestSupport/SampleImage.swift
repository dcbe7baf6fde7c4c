public import ContainerImage
public import ImageStore

/// An image that is in no store yet: its manifest, config and layers.
public struct SampleImage: Sendable {
    /// The manifest.
    public let manifest: RawManifest
    /// The manifest, parsed.
    public let parsed: ImageManifest
    /// The config's bytes.
    public let config: [UInt8]
    /// The bytes of the layers that the image brings along.
    public let layers: [[UInt8]]
    /// What an index says of the image.
    public let platform: Platform?

    /// The type of layers, unless a test wants others.
    public static let layerType = "application/vnd.oci.image.layer.v1.tar+gzip"

    /// Creates an image of these parts.
    ///
    /// - Parameters:
    ///   - config: The config's bytes; nil for one that names the platform and the layers.
    ///   - algorithm: That of all digests.
    ///   - subject: The manifest that this one refers to.
    public init(
        layers: [[UInt8]],
        config: [UInt8]? = nil,
        platform: String? = "linux/amd64",
        configType: String = "application/vnd.oci.image.config.v1+json",
        layerType: String = SampleImage.layerType,
        by algorithm: Digest.Algorithm = .sha256,
        subject: RawManifest? = nil,
        artifactType: String? = nil
    ) throws {
        let list = layers.map { Descriptor(MediaType(layerType), of: $0, by: algorithm) }
        let platform = try platform.map { text throws(PlatformError) in try Platform(text) }
        let digests = list.map { #""\#($0.digest)""# }.joined(separator: ",")
        let config =
            config
            ?? Array(
                (#"{"os":"\#(platform?.os ?? "")","architecture":"\#(platform?.architecture ?? "")","#
                    + #""rootfs":{"diff_ids":[\#(digests)]}}"#).utf8
            )
        var text = #"{"schemaVersion":2,"mediaType":"\#(MediaType.ociManifest)","#
        if let artifactType { text += #""artifactType":"\#(artifactType)","# }
        text += #""config":\#(Descriptor(MediaType(configType), of: config, by: algorithm).json),"#
        text += #""layers":[\#(list.map(\.json).joined(separator: ","))]"#
        if let subject { text += #","subject":\#(subject.descriptor.json)"# }
        manifest = RawManifest(mediaType: .ociManifest, bytes: Array((text + "}").utf8), by: algorithm)
        guard case .image(let parsed) = try manifest.parsed() else { throw SampleError.noImage }
        self.parsed = parsed
        self.config = config
        self.layers = layers
        self.platform = platform
    }

    /// Creates an image whose layers have these texts.
    public init(
        _ layers: String...,
        platform: String? = "linux/amd64",
        layerType: String = SampleImage.layerType,
        subject: RawManifest? = nil,
        artifactType: String? = nil
    ) throws {
        try self.init(
            layers: layers.map { Array($0.utf8) },
            platform: platform,
            layerType: layerType,
            subject: subject,
            artifactType: artifactType
        )
    }

    /// The manifest's digest.
    public var digest: Digest { manifest.digest }

    /// All blobs by their digests: config and layers.
    public var blobs: [Digest: [UInt8]] {
        let all = zip([parsed.config] + parsed.layers, [config] + layers)
        return Dictionary(all.map { ($0.digest, $1) }) { first, _ in first }
    }

    /// The image as it is in a repository.
    public func node(in repository: Repository) -> ImageNode {
        ImageNode(
            reference: DigestReference(repository: repository, digest: digest),
            manifest: manifest,
            parsed: parsed,
            config: config
        )
    }

    /// The image as it is in a repository.
    public func tree(in repository: Repository) -> ImageTree { .image(node(in: repository)) }
}

/// Images for several platforms that are in no store yet, and indexes in their index.
public struct SampleIndex: Sendable {
    /// The index.
    public let manifest: RawManifest
    /// The images that it names.
    public let images: [SampleImage]
    /// The indexes that it names.
    public let indexes: [SampleIndex]

    /// Creates an index that names images with their platforms, then indexes.
    public init(_ images: [SampleImage], indexes: [SampleIndex] = []) {
        let entries = images.map { image in
            var entry = image.manifest.descriptor
            entry.platform = image.platform
            return entry
        }
        let list = (entries + indexes.map(\.manifest.descriptor)).map(\.json).joined(separator: ",")
        manifest = RawManifest(
            mediaType: .ociIndex,
            bytes: Array(#"{"schemaVersion":2,"mediaType":"\#(MediaType.ociIndex)","manifests":[\#(list)]}"#.utf8)
        )
        self.images = images
        self.indexes = indexes
    }

    /// The index's digest.
    public var digest: Digest { manifest.digest }

    /// All images in it, at any depth.
    public var allImages: [SampleImage] { images + indexes.flatMap(\.allImages) }

    /// The index as it is in a repository.
    public func tree(in repository: Repository) -> ImageTree {
        .index(
            IndexNode(
                reference: DigestReference(repository: repository, digest: digest),
                manifest: manifest,
                children: images.map { $0.tree(in: repository) } + indexes.map { $0.tree(in: repository) }
            )
        )
    }
}

/// A sample that isn't what it is meant to be.
enum SampleError: Error {
    case noImage
}

extension Descriptor {
    /// What names `bytes`.
    public init(_ type: MediaType, of bytes: [UInt8], by algorithm: Digest.Algorithm = .sha256) {
        self.init(mediaType: type, digest: Digest(of: bytes, by: algorithm), size: Int64(bytes.count))
    }

    /// As it is written in a manifest.
    public var json: String {
        var text = #"{"mediaType":"\#(mediaType)","digest":"\#(digest)","size":\#(size)"#
        if let platform {
            text += #","platform":{"os":"\#(platform.os)","architecture":"\#(platform.architecture)""#
            if let variant = platform.variant { text += #","variant":"\#(variant)""# }
            text += "}"
        }
        return text + "}"
    }
}

extension ImageNode {
    /// An image whose manifest has exactly this text.
    public init(
        manifest text: String,
        config: [UInt8],
        in repository: String = "r.io/app",
        by algorithm: Digest.Algorithm = .sha256
    ) throws {
        let manifest = RawManifest(mediaType: .ociManifest, bytes: Array(text.utf8), by: algorithm)
        guard case .image(let parsed) = try manifest.parsed() else { throw SampleError.noImage }
        let reference = DigestReference(repository: try Repository(repository), digest: manifest.digest)
        self.init(reference: reference, manifest: manifest, parsed: parsed, config: config)
    }
}
