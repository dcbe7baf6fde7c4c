/// A media type of the OCI image specification or of Docker's version 2.
public struct MediaType: Hashable, Sendable, CustomStringConvertible {
    /// The text as it was given.
    public let text: String

    /// Creates a media type from `text`, without parameters after a semicolon.
    public init(_ text: some StringProtocol) {
        let whole = String(text)
        if let known = Self.shared[whole] {
            self.text = known
            return
        }
        let name = String(whole.prefix { $0 != ";" }.filter { $0 != " " })
        self.text = Self.shared[name] ?? name
    }

    /// The types that most descriptors have, so that not each keeps a text of its own. All are distributable.
    private static let shared: [String: String] = {
        let oci = [
            "index.v1+json", "manifest.v1+json", "config.v1+json", "layer.v1.tar", "layer.v1.tar+gzip",
            "layer.v1.tar+zstd",
        ]
        let docker = [
            "distribution.manifest.list.v2+json", "distribution.manifest.v2+json", "container.image.v1+json",
            "image.rootfs.diff.tar.gzip",
            "image.rootfs.diff.tar",
        ]
        let names = oci.map { "application/vnd.oci.image." + $0 } + docker.map { "application/vnd.docker." + $0 }
        return Dictionary(uniqueKeysWithValues: names.map { ($0, $0) })
    }()

    /// An OCI image index.
    public static let ociIndex = MediaType("application/vnd.oci.image.index.v1+json")
    /// An OCI image manifest.
    public static let ociManifest = MediaType("application/vnd.oci.image.manifest.v1+json")
    /// Docker's manifest list.
    public static let dockerManifestList = MediaType("application/vnd.docker.distribution.manifest.list.v2+json")
    /// Docker's image manifest, version 2, schema 2.
    public static let dockerManifest = MediaType("application/vnd.docker.distribution.manifest.v2+json")
    /// Docker's unsupported schema 1, signed and plain.
    public static let dockerSchema1: Set<MediaType> = [
        MediaType("application/vnd.docker.distribution.manifest.v1+prettyjws"),
        MediaType("application/vnd.docker.distribution.manifest.v1+json"),
    ]
    /// The two bytes `{}`, the config of an artifact that has none: OCI image specification, "Guidance for an Empty
    /// Descriptor".
    public static let emptyJSON = MediaType("application/vnd.oci.empty.v1+json")
    /// Any bytes.
    public static let octetStream = MediaType("application/octet-stream")

    /// Whether this is an OCI index or a Docker manifest list.
    public var isIndex: Bool { self == .ociIndex || self == .dockerManifestList }

    /// Whether this is the manifest of one image.
    public var isImageManifest: Bool { self == .ociManifest || self == .dockerManifest }

    /// Whether layers of this type are stored in registries and packages; foreign and non-distributable ones aren't.
    ///
    /// OCI image specification, "Non-Distributable Layers"; Docker's "foreign" layers.
    public var isDistributable: Bool {
        Self.shared[text] != nil
            || !(text.contains(".nondistributable.") || text.hasSuffix(".nondistributable")
                || text.contains(".foreign."))
    }

    /// The text.
    public var description: String { text }
}

extension MediaType: Codable {
    /// Decodes the text form.
    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    /// Encodes the text form.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
