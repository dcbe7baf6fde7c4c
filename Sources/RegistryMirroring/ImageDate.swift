import ContainerImage
import FoundationEssentials
import ImageStore
import ReferenceChecks

/// When an image was made, as its config says.
struct ImageDate {
    /// Seconds since 1970; 0 where it isn't said.
    let seconds: Int64

    private struct Config: Decodable { var created: String? }

    /// Reads the config of the image, or of the first one of an index.
    init(of digest: Digest, in store: any ImageSource) async throws {
        var manifest = try await store.parsedManifest(digest).parsed
        for _ in 0..<ImageTree.depthLimit {
            guard case .index(let index) = manifest else { break }
            guard let entry = index.manifests.first(where: { !$0.isAttestation }) ?? index.manifests.first
            else {
                break
            }
            manifest = try await store.parsedManifest(entry.digest).parsed
        }
        guard case .image(let image) = manifest else {
            seconds = 0
            return
        }
        let bytes = try await store.bytes(of: image.config)
        let config = try? JSONDecoder().decode(Config.self, from: Data(bytes))
        seconds = config?.created.flatMap { Timestamp($0)?.seconds } ?? 0
    }
}
