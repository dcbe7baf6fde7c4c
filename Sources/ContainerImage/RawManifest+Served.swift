import FoundationEssentials

/// The type of a manifest, whatever a server calls it.
extension RawManifest {
    /// Takes `bytes` as a registry served them. File servers and proxies serve manifests under types such as
    /// `application/octet-stream`: what the manifest says itself counts first, then `type` where that is a manifest's, then
    /// what is in it.
    ///
    /// - Parameters:
    ///   - type: What the registry calls them, nil if it doesn't.
    ///   - algorithm: That of the digest by which the manifest is known.
    public init(served type: MediaType?, bytes: [UInt8], by algorithm: Digest.Algorithm = .sha256) {
        self.init(mediaType: Self.mediaType(of: bytes, served: type), bytes: bytes, by: algorithm)
    }

    /// The type under which the manifest is pushed: its own where it names one (OCI distribution specification, "Pushing
    /// Manifests").
    public var contentType: MediaType { Self.mediaType(of: bytes, served: mediaType) }

    private static func mediaType(of bytes: [UInt8], served: MediaType?) -> MediaType {
        // Types are the same in capitals (RFC 9110, section 8.3.1).
        let served = served.map { MediaType($0.text.lowercased()) }
        let fields = JSONNesting.isWithinLimit(bytes) ? try? JSONDecoder().decode(Fields.self, from: Data(bytes)) : nil
        if let own = fields?.mediaType.map({ MediaType($0) }), own.isVendors { return own }
        guard let fields else { return served ?? .octetStream }
        // An index's type for something else, or the other way round, is a mistake of the server's; so is that of a config
        // or a layer for what has a manifest's form.
        let isOfForm =
            fields.hasManifests ? served?.isIndex == true : fields.hasConfig && served?.isImageManifest == true
        if let served, served.isVendors, isOfForm || fields.hasConfig == fields.hasManifests { return served }
        if fields.schemaVersion == 1 { return MediaType("application/vnd.docker.distribution.manifest.v1+json") }
        if fields.hasManifests { return .ociIndex }
        return fields.hasConfig ? .ociManifest : served ?? .octetStream
    }

    /// What tells a manifest's type; a field of another form than it should have tells nothing.
    private struct Fields: Decodable {
        var mediaType: String?
        var schemaVersion: Int?
        var hasConfig: Bool
        var hasManifests: Bool

        private enum CodingKeys: CodingKey { case mediaType, schemaVersion, config, manifests }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            mediaType = try? container.decode(String.self, forKey: .mediaType)
            schemaVersion = try? container.decode(Int.self, forKey: .schemaVersion)
            hasConfig = container.contains(.config)
            hasManifests = container.contains(.manifests)
        }
    }
}

extension MediaType {
    /// Whether the type is of a vendor's, as those of all manifests are, and none that means any bytes or any text.
    fileprivate var isVendors: Bool { text.hasPrefix("application/vnd.") }
}
