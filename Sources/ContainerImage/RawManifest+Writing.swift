import FoundationEssentials

/// New manifests. What was read is never re-encoded: its digest is that of its bytes.
extension RawManifest {
    private struct Fields: Encodable {
        let schemaVersion = 2
        let mediaType: MediaType
        var artifactType: String?
        var config: Descriptor?
        var layers: [Descriptor]?
        var manifests: [Descriptor]?
        var subject: Descriptor?
        var annotations: [String: String]?
    }

    private init(_ fields: Fields) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        self.init(mediaType: fields.mediaType, bytes: Array(try encoder.encode(fields)))
    }

    /// Creates the manifest of an image, or of an artifact: OCI image specification, "Image Manifest".
    ///
    /// - Parameters:
    ///   - config: The config blob; of an artifact without one, ``MediaType/emptyJSON``.
    ///   - layers: The layers, base first.
    ///   - artifactType: The artifact's type.
    ///   - subject: What the artifact belongs to.
    ///   - annotations: Notes on the image.
    /// - Throws: `EncodingError`.
    public init(
        config: Descriptor,
        layers: [Descriptor],
        artifactType: String? = nil,
        subject: Descriptor? = nil,
        annotations: [String: String]? = nil
    ) throws {
        var fields = Fields(mediaType: .ociManifest)
        fields.config = config
        fields.layers = layers
        fields.artifactType = artifactType
        fields.subject = subject
        fields.annotations = annotations
        try self.init(fields)
    }

    /// Creates an index: OCI image specification, "Image Index".
    ///
    /// - Parameters:
    ///   - entries: Its manifests; those of images have their platforms.
    ///   - annotations: Notes on the index.
    /// - Throws: `EncodingError`.
    public init(index entries: [Descriptor], annotations: [String: String]? = nil) throws {
        var fields = Fields(mediaType: .ociIndex)
        fields.manifests = entries
        fields.annotations = annotations
        try self.init(fields)
    }
}
