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
    /// What most descriptors don't have: a run may keep many of these.
    fileprivate var details: [Details] = []

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

    /// Encodes the fields that it has.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(mediaType, forKey: .mediaType)
        try container.encode(digest, forKey: .digest)
        try container.encode(size, forKey: .size)
        try container.encodeIfPresent(urls, forKey: .urls)
        try container.encodeIfPresent(platform, forKey: .platform)
        try container.encodeIfPresent(annotations, forKey: .annotations)
        try container.encodeIfPresent(artifactType, forKey: .artifactType)
        try container.encodeIfPresent(data, forKey: .data)
    }

    private enum CodingKeys: CodingKey {
        case mediaType, digest, size, urls, platform, annotations, artifactType, data
    }
}

extension Descriptor {
    fileprivate struct Details: Hashable, Sendable {
        var urls: [String]?
        var platform: Platform?
        var annotations: [String: String]?
        var artifactType: String?
        var data: String?
    }

    private subscript<Value>(detail path: WritableKeyPath<Details, Value?>) -> Value? {
        get { details.first?[keyPath: path] }
        set {
            if details.isEmpty {
                if newValue == nil { return }
                details = [Details()]
            }
            details[0][keyPath: path] = newValue
            if details[0] == Details() { details = [] }
        }
    }

    /// Other addresses of the content; foreign layers have these.
    public var urls: [String]? {
        get { self[detail: \.urls] }
        set { self[detail: \.urls] = newValue }
    }

    /// The platform of an index's entry.
    public var platform: Platform? {
        get { self[detail: \.platform] }
        set { self[detail: \.platform] = newValue }
    }

    /// Notes on the content.
    public var annotations: [String: String]? {
        get { self[detail: \.annotations] }
        set { self[detail: \.annotations] = newValue }
    }

    /// The type of an artifact's manifest.
    public var artifactType: String? {
        get { self[detail: \.artifactType] }
        set { self[detail: \.artifactType] = newValue }
    }

    /// The content itself, in base64: see ``embedded``.
    public var data: String? {
        get { self[detail: \.data] }
        set { self[detail: \.data] = newValue }
    }
}
