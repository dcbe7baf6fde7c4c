public import ContainerImage

/// Something that takes manifests and blobs: a repository.
public protocol ImageDestination: Sendable {
    /// What to call this destination in messages.
    var name: String { get }

    /// Whether no image is here yet, as far as it tells; false when it doesn't.
    func isRepositoryUnknown() async throws -> Bool

    /// Whether `blob` is there already; nil when the destination doesn't tell.
    func contains(_ blob: Descriptor) async throws -> Bool?

    /// Whether the manifest of `digest` is there already; nil when the destination doesn't tell.
    func contains(manifest digest: Digest) async throws -> Bool?

    /// Whether the manifest of `digest` is there already, under `tag`.
    func contains(manifest digest: Digest, tag: Tag) async throws -> Bool

    /// Takes `blob`'s bytes from `source` and verifies them on the way, unless the source has; `item` counts them.
    func upload(_ blob: Descriptor, from source: any ImageSource, counting item: TransferProgress.Item?) async throws

    /// Takes a manifest whose blobs and children are there, under `tag` or by its digest alone; the digest stays the
    /// same.
    ///
    /// - Throws: An error that is a `MissingContentError` when the destination lacks what the manifest refers to.
    func push(_ manifest: RawManifest, tag: Tag?) async throws
}
