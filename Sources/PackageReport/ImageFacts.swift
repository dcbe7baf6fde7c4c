import ContainerImage
import FoundationEssentials
import ImageStore

/// What a config blob and an index's entry say of an image.
struct ImageFacts {
    let platform: String
    let kind: PackageReport.Image.Kind
    let type: String

    /// - Parameter entry: What the index says, nil if the image is in none.
    init(_ leaf: ImageNode, entry: Descriptor?) {
        let config = try? JSONDecoder().decode(Config.self, from: Data(leaf.config))
        let own = config.flatMap { config -> Platform? in
            guard let os = config.os, let architecture = config.architecture, !os.isEmpty else { return nil }
            return Platform(os: os, architecture: architecture, variant: config.variant)
        }
        let stated = entry?.platform
        let platform = stated?.os.isEmpty == false && stated?.architecture.isEmpty == false ? stated : own ?? stated
        let isAttestation =
            entry?.annotations?["vnd.docker.reference.type"] == "attestation-manifest"
            || (platform?.os == "unknown" && platform?.architecture == "unknown")
        let configType = leaf.parsed.config.mediaType.text
        let isImage = leaf.parsed.artifactType == nil && Self.imageConfigs.contains(configType)
        self.platform = isAttestation ? "" : (platform?.description ?? "")
        kind = isAttestation ? .attestation : isImage ? .image : .artifact
        type = leaf.parsed.artifactType ?? (isImage ? leaf.manifest.mediaType.text : configType)
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
