import FoundationEssentials

/// The bytes of a manifest or index as a registry serves them; everything else derives from these.
public struct RawManifest: Hashable, Sendable {
    /// The media type that it was served under.
    public let mediaType: MediaType
    /// The exact bytes.
    public let bytes: [UInt8]
    /// Their digest.
    public let digest: Digest

    /// The largest manifest that is taken, in bytes.
    public static let sizeLimit = 8 << 20

    /// Creates a manifest from `bytes`, which stay as they are.
    ///
    /// - Parameter algorithm: That of the digest by which the manifest is known.
    public init(mediaType: MediaType, bytes: [UInt8], by algorithm: Digest.Algorithm = .sha256) {
        self.mediaType = mediaType
        self.bytes = bytes
        digest = Digest(of: bytes, by: algorithm)
    }

    /// What refers to this manifest.
    public var descriptor: Descriptor {
        Descriptor(mediaType: mediaType, digest: digest, size: Int64(bytes.count))
    }

    /// The parsed view.
    ///
    /// - Throws: `ManifestError` when the bytes aren't a manifest of a kind that is supported.
    public func parsed() throws(ManifestError) -> Manifest {
        guard !MediaType.dockerSchema1.contains(mediaType) else { throw .schema1(digest) }
        let probe: Probe = try decode()
        let type = probe.mediaType ?? mediaType
        if probe.schemaVersion == 1 { throw .schema1(digest) }
        try checkKind(probe)
        if type.isIndex || (!type.isImageManifest && probe.manifests != nil) {
            return .index(ImageIndex(mediaType: type, manifests: probe.manifests ?? []))
        }
        guard type.isImageManifest || probe.config != nil else { throw .unsupported(digest, type) }
        guard let config = probe.config else { throw .noConfig(digest) }
        return .image(
            ImageManifest(
                mediaType: type,
                config: config,
                layers: probe.layers ?? [],
                subject: probe.subject,
                artifactType: probe.artifactType
            )
        )
    }

    /// A document must be one thing, whoever reads it and by whatever type it was served (CVE-2021-41190).
    private func checkKind(_ probe: Probe) throws(ManifestError) {
        let isIndex = probe.manifests != nil
        let isImage = probe.config != nil || probe.layers != nil
        if isIndex, isImage { throw .malformed(digest, "it has 'manifests' and also 'config' or 'layers'") }
        if probe.hasFSLayers { throw .malformed(digest, "it has 'fsLayers', which only Docker's schema version 1 has") }
        for type in [probe.mediaType, mediaType].compactMap(\.self) {
            if type.isIndex, isImage {
                throw .malformed(digest, "its media type '\(type)' is an index's, but its content is an image's")
            }
            if type.isImageManifest, isIndex {
                throw .malformed(digest, "its media type '\(type)' is an image's, but its content is an index's")
            }
        }
        guard let own = probe.mediaType else { return }
        if own.isIndex && mediaType.isImageManifest || own.isImageManifest && mediaType.isIndex {
            throw .malformed(digest, "it was served as '\(mediaType)', but its mediaType is '\(own)'")
        }
    }

    private func decode<Value: Decodable>() throws(ManifestError) -> Value {
        guard JSONNesting.isWithinLimit(bytes) else {
            throw .malformed(digest, "its JSON is nested more than \(JSONNesting.limit) deep")
        }
        do throws(JSONAmbiguityError) {
            try Self.shape.check(bytes)
        } catch {
            throw .malformed(digest, error.description)
        }
        do {
            return try JSONDecoder().decode(Value.self, from: Data(bytes))
        } catch {
            throw .malformed(digest, Self.explain(error))
        }
    }

    static func explain(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        func path(_ context: DecodingError.Context) -> String {
            let keys = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? "." + $0.stringValue }
            return keys.isEmpty ? "" : " at \(keys.joined())"
        }
        switch error {
        case .keyNotFound(let key, let context): return "'\(key.stringValue)' is missing\(path(context))"
        case .typeMismatch(_, let context), .valueNotFound(_, let context): return "wrong type\(path(context))"
        case .dataCorrupted(let context): return "\(context.debugDescription)\(path(context))"
        @unknown default: return "\(error)"
        }
    }

    private struct Probe: Decodable {
        var schemaVersion: Int?
        var mediaType: MediaType?
        var artifactType: String?
        var config: Descriptor?
        var layers: [Descriptor]?
        var manifests: [Descriptor]?
        var subject: Descriptor?
        var fsLayers: Anything?

        var hasFSLayers: Bool { fsLayers != nil }
    }

    private struct Anything: Decodable {
        init(from decoder: any Decoder) {}
    }
}

/// A manifest's parsed view.
public enum Manifest: Hashable, Sendable {
    /// One image, or an artifact in an image's form.
    case image(ImageManifest)
    /// A list of images and other indexes.
    case index(ImageIndex)
}

/// The manifest of one image: its config and layers.
///
/// OCI image specification, "Image Manifest"; Docker "Image Manifest Version 2, Schema 2".
public struct ImageManifest: Hashable, Sendable {
    /// The manifest's own media type.
    public var mediaType: MediaType
    /// The config blob.
    public var config: Descriptor
    /// The layers, base first.
    public var layers: [Descriptor]
    /// What this artifact belongs to.
    public var subject: Descriptor?
    /// The artifact's type.
    public var artifactType: String?
}

/// An index of manifests, a "manifest list" in Docker's words.
///
/// OCI image specification, "Image Index".
public struct ImageIndex: Hashable, Sendable {
    /// The index's own media type.
    public var mediaType: MediaType
    /// Its entries in their order.
    public var manifests: [Descriptor]
}

/// The part of an image's config that a package needs.
///
/// OCI image specification, "Image Configuration": `rootfs.diff_ids`.
public struct ImageConfig: Sendable {
    /// The digests of the unpacked layers, as texts; empty for artifacts.
    public let diffIDs: [String]

    /// The largest config that is taken, in bytes: the histories of some images are long, and some artifacts' configs large.
    public static let sizeLimit = 64 << 20

    /// Reads the config blob. What isn't JSON, or has no `rootfs`, is an artifact's and has no diff IDs.
    public init(_ bytes: [UInt8]) {
        guard JSONNesting.isWithinLimit(bytes) else {
            diffIDs = []
            return
        }
        diffIDs = (try? JSONDecoder().decode(Root.self, from: Data(bytes)))?.rootfs?.diffIDs ?? []
    }

    private struct Root: Decodable {
        var rootfs: Rootfs?
    }

    private struct Rootfs: Decodable {
        var diffIDs: [String]?
        enum CodingKeys: String, CodingKey { case diffIDs = "diff_ids" }
    }
}

/// The reason bytes are not a usable manifest.
public enum ManifestError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Docker's version 1, which has no stable digests of content.
    case schema1(Digest)
    /// A type that is none of the supported ones.
    case unsupported(Digest, MediaType)
    /// Not JSON, or not of a manifest's form.
    case malformed(Digest, String)
    /// An image's manifest without a config.
    case noConfig(Digest)

    /// What is wrong, with the digest.
    public var description: String {
        switch self {
        case .schema1(let digest):
            "manifest \(digest) is of Docker's schema version 1, which is not supported; "
                + "push the image again with a current tool"
        case .unsupported(let digest, let type): "manifest \(digest) has the unsupported media type '\(type)'"
        case .malformed(let digest, let why): "manifest \(digest) is malformed: \(why)"
        case .noConfig(let digest): "manifest \(digest) is malformed: it has no 'config'"
        }
    }
}
