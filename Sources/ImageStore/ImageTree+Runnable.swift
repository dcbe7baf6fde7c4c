import ContainerImage

extension ImageTree {
    /// Whether a runtime would take it, or an image in it, for one to run.
    package var isRunnable: Bool { images.contains(where: \.isRunnable) }

    /// The images in it that a runtime would take for ones to run, without BuildKit's attestations of these.
    package var runnableImages: [ImageNode] {
        guard case .index(let branch) = self, case .index(let index)? = try? branch.manifest.parsed() else {
            return images.filter(\.isRunnable)
        }
        let attestations = Set(index.manifests.filter(\.isAttestation).map(\.digest))
        return branch.children.filter { !attestations.contains($0.manifest.digest) }.flatMap(\.runnableImages)
    }
}

extension ImageNode {
    /// Whether a runtime would take it for an image to run: by its config, and a layer that may be files.
    ///
    /// Artifacts may have an image's config, as cosign's SBOMs do, but no such layers then.
    package var isRunnable: Bool {
        Self.configs.contains(parsed.config.mediaType)
            && (parsed.layers.isEmpty || parsed.layers.contains { Self.mayBeFiles($0.mediaType) })
    }

    private static let configs: Set<MediaType> = [
        MediaType("application/vnd.oci.image.config.v1+json"),
        MediaType("application/vnd.docker.container.image.v1+json"), .octetStream, MediaType(""),
    ]

    private static func mayBeFiles(_ type: MediaType) -> Bool {
        type == .octetStream || type.text.isEmpty
            || ["tar", "gzip", "zstd", "image.layer", "image.rootfs"].contains(where: type.text.contains)
    }
}
