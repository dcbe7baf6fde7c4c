package import ContainerImage

/// A source of which some manifests are here already.
package struct PrefetchedSource: ImageSource {
    private let base: any ImageSource
    private let manifests: [Digest: RawManifest]

    /// Creates a source that has `manifests`, and asks `base` for all else.
    package init(base: any ImageSource, manifests: [Digest: RawManifest]) {
        self.base = base
        self.manifests = manifests
    }

    package var name: String { base.name }
    package var isRepeatable: Bool { base.isRepeatable }
    package var isVerified: Bool { base.isVerified }
    package var origin: Repository? { base.origin }

    package func manifest(_ digest: Digest) async throws -> RawManifest {
        if let known = manifests[digest] { return known }
        return try await base.manifest(digest)
    }

    package func parsedManifest(_ digest: Digest) async throws -> (raw: RawManifest, parsed: Manifest) {
        if let known = manifests[digest] { return (known, try known.parsed()) }
        return try await base.parsedManifest(digest)
    }

    package func content(of blob: Descriptor, from offset: Int64) async throws -> BlobBody {
        try await base.content(of: blob, from: offset)
    }

    package func passOverGiver(of blob: Digest) -> Bool { base.passOverGiver(of: blob) }
}
