/// What a manifest says of content that it refers to.
///
/// OCI image specification, "OCI Content Descriptors".
public struct Descriptor: Hashable, Sendable, Codable {
    /// What the content is.
    public var mediaType: MediaType
    /// The digest of its bytes.
    public var digest: Digest
    /// How many bytes there are.
    public var size: Int64
    /// Other addresses of the content; foreign layers have these.
    public var urls: [String]?
    /// The platform of an index's entry.
    public var platform: Platform?
    /// Notes on the content.
    public var annotations: [String: String]?
    /// The type of an artifact's manifest.
    public var artifactType: String?
    /// The content itself, in base64: see ``embedded``.
    public var data: String?

    /// The largest size that is believed, in bytes: 16 TiB. Sums of these may overflow: ``Swift/Sequence/byteTotal(_:)``.
    public static let sizeLimit: Int64 = 1 << 44

    /// Creates a descriptor with the three required fields.
    public init(mediaType: MediaType, digest: Digest, size: Int64) {
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
    }

    /// Decodes a descriptor; a media type that is left out reads as any bytes.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        mediaType = try container.decodeIfPresent(MediaType.self, forKey: .mediaType) ?? .octetStream
        digest = try container.decode(Digest.self, forKey: .digest)
        size = try container.decode(Int64.self, forKey: .size)
        guard (0...Self.sizeLimit).contains(size) else {
            throw DecodingError.dataCorruptedError(
                forKey: .size,
                in: container,
                debugDescription: "invalid size \(size) for \(digest)"
            )
        }
        urls = try container.decodeIfPresent([String].self, forKey: .urls)
        platform = try container.decodeIfPresent(Platform.self, forKey: .platform)
        annotations = try container.decodeIfPresent([String: String].self, forKey: .annotations)
        artifactType = try container.decodeIfPresent(String.self, forKey: .artifactType)
        data = try? container.decodeIfPresent(String.self, forKey: .data)
    }
}
