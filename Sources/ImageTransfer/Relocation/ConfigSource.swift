import ContainerImage
import ImageStore

/// An image's config, which its tree has in memory; nothing is copied until it is sent.
struct ConfigSource: ImageSource {
    let config: [UInt8]
    /// What the image comes from.
    let store: any ImageSource
    var name: String { store.name }
    var origin: Repository? { store.origin }

    func manifest(_ digest: Digest) async throws -> RawManifest { try await store.manifest(digest) }

    func content(of blob: Descriptor, from offset: Int64) async throws -> BlobBody {
        BlobBody(config.dropFirst(Int(clamping: offset)))
    }
}
