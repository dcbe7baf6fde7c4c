public import ContainerImage

/// The manifests and configs of trees that were read, as a store; it has no layers.
public struct TreeManifests: ImageSource {
    /// What to call it in messages.
    public let name: String
    private let manifests: [Digest: RawManifest]
    private let configs: [Digest: [UInt8]]

    /// Creates a store of what `trees` have.
    public init(_ trees: [ImageTree], name: String) {
        self.name = name
        let all = trees.flatMap(\.all)
        manifests = Dictionary(all.map { ($0.manifest.digest, $0.manifest) }) { first, _ in first }
        configs = Dictionary(trees.flatMap(\.images).map { ($0.parsed.config.digest, $0.config) }) { first, _ in first }
    }

    /// The manifest of `digest`.
    ///
    /// - Throws: A `StoreError` when there is none.
    public func manifest(_ digest: Digest) async throws -> RawManifest {
        guard let manifest = manifests[digest] else { throw AbsentContentError(digest: digest, name: name) }
        return manifest
    }

    /// The bytes of a config.
    ///
    /// - Throws: A `StoreError` for any other blob.
    public func content(of blob: Descriptor, from offset: Int64) async throws -> BlobBody {
        guard let config = configs[blob.digest] else { throw AbsentContentError(digest: blob.digest, name: name) }
        return BlobBody(config.dropFirst(Int(clamping: offset)))
    }
}

/// Content that trees don't have.
private struct AbsentContentError: StoreError, CustomStringConvertible {
    let digest: Digest
    let name: String

    var meansAbsence: Bool { true }
    var mayMeanAbsence: Bool { true }
    var manifestError: ManifestError? { nil }
    var description: String { "'\(name)' doesn't have \(digest)" }
}
