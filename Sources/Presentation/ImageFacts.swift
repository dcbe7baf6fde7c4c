public import ContainerImage
import FoundationEssentials

/// What a manifest, its config blob and an index's entry say of an image.
public struct ImageFacts: Sendable, Hashable {
    /// A kind of manifest.
    public enum Kind: String, Sendable, Codable {
        case image, artifact, attestation
    }

    /// `linux/amd64`; empty where there is none.
    public let platform: String
    /// What it is.
    public let kind: Kind
    /// The artifact's type, or the manifest's media type.
    public let type: String

    /// Creates the facts of an image.
    ///
    /// - Parameters:
    ///   - config: The config blob; nil if it isn't known.
    ///   - entry: What the index says; nil if the image is in none.
    public init(_ image: ImageManifest, mediaType: MediaType, config: [UInt8]?, entry: Descriptor?) {
        let config = config.flatMap { try? JSONDecoder().decode(Config.self, from: Data($0)) }
        let own = config.flatMap { config -> Platform? in
            guard let os = config.os, let architecture = config.architecture, !os.isEmpty else { return nil }
            return Platform(os: os, architecture: architecture, variant: config.variant)
        }
        let stated = entry?.platform
        let platform = stated?.os.isEmpty == false && stated?.architecture.isEmpty == false ? stated : own ?? stated
        let isAttestation =
            entry?.isAttestation == true
            || (platform?.os == "unknown" && platform?.architecture == "unknown")
        let configType = image.config.mediaType.text
        let isImage = image.artifactType == nil && Self.imageConfigs.contains(configType)
        self.platform = isAttestation ? "" : (platform?.description ?? "")
        kind = isAttestation ? .attestation : isImage ? .image : .artifact
        type = image.artifactType ?? (isImage ? mediaType.text : configType)
    }

    private static let imageConfigs: Set<String> = [
        "application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json",
        "application/octet-stream",
    ]

    private struct Config: Decodable {
        var os: String?
        var architecture: String?
        var variant: String?
    }
}
