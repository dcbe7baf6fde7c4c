package import ContainerImage

extension ImageTree {
    /// The sizes of all that is copied of it, in bytes: manifests, configs and layers.
    package var contents: [Digest: Int64] {
        var contents: [Digest: Int64] = [:]
        for tree in all { contents[tree.manifest.digest] = Int64(tree.manifest.bytes.count) }
        for image in images {
            for blob in image.packagedLayers + [image.parsed.config] { contents[blob.digest] = blob.size }
        }
        return contents
    }
}
