extension RawManifest {
    /// The keys that the image specification gives manifests, indexes and their descriptors.
    package static let shape: JSONShape = .object(knowing: [
        "schemaVersion": .anything, "mediaType": .anything, "artifactType": .anything, "config": descriptorShape,
        "layers": .list(descriptorShape), "manifests": .list(descriptorShape), "subject": descriptorShape,
        "annotations": .anything, "fsLayers": .anything,
    ])

    /// The keys of a descriptor on its own.
    package static let descriptorShape: JSONShape = .object(knowing: [
        "mediaType": .anything, "digest": .anything, "size": .anything, "urls": .anything, "annotations": .anything,
        "data": .anything, "artifactType": .anything,
        "platform": .object(knowing: [
            "architecture": .anything, "os": .anything, "os.version": .anything, "os.features": .anything,
            "variant": .anything, "features": .anything,
        ]),
    ])
}

extension ImageConfig {
    /// The keys of an image's config that tell what the image is.
    package static let shape: JSONShape = .object(knowing: [
        "architecture": .anything, "os": .anything, "os.version": .anything, "os.features": .anything,
        "variant": .anything, "config": .anything, "history": .anything,
        "rootfs": .object(knowing: ["type": .anything, "diff_ids": .anything]),
    ])
}
