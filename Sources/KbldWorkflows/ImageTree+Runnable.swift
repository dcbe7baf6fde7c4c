import ContainerImage
import ImageStore

extension ImageTree {
    /// Whether a runtime would take it, or an image in it, for one to run: by its config, and a layer that may be files.
    ///
    /// Artifacts may have an image's config, as cosign's SBOMs do, but no such layers then.
    var isRunnable: Bool {
        images.contains { image in
            let (config, layers) = (image.parsed.config.mediaType, image.parsed.layers)
            return Self.configs.contains(config)
                && (layers.isEmpty || layers.contains { Self.mayBeFiles($0.mediaType) })
        }
    }

    private static var configs: Set<MediaType> {
        [
            MediaType("application/vnd.oci.image.config.v1+json"),
            MediaType("application/vnd.docker.container.image.v1+json"), .octetStream, MediaType(""),
        ]
    }

    private static func mayBeFiles(_ type: MediaType) -> Bool {
        type == .octetStream || type.text.isEmpty
            || ["tar", "gzip", "zstd", "image.layer", "image.rootfs"].contains(where: type.text.contains)
    }
}
