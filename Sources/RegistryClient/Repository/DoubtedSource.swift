import ContainerImage
import ImageStore

/// A source whose bytes are hashed on their way, although it verified them before.
struct DoubtedSource: ImageSource {
    let base: any ImageSource
    var name: String { base.name }
    var isRepeatable: Bool { base.isRepeatable }
    var origin: Repository? { base.origin }

    func manifest(_ digest: Digest) async throws -> RawManifest { try await base.manifest(digest) }

    func content(of blob: Descriptor, from offset: Int64) async throws -> BlobBody {
        try await base.content(of: blob, from: offset)
    }

    func passOverGiver(of blob: Digest) -> Bool { base.passOverGiver(of: blob) }
}
