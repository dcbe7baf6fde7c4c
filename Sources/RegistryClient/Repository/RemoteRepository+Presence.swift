public import ContainerImage
public import ImageStore
import NIOHTTP1

/// What is there, without fetching it.
extension RemoteRepository: ImageRepository {
    /// Asks for a blob: one HEAD, or a GET of its first byte where that is refused.
    ///
    /// - Throws: `RegistryError` when the registry gives no usable answer.
    public func presence(of blob: Digest) async throws -> BlobPresence {
        do {
            let response = try await pipeline.send(request(.HEAD, "blobs/\(blob)", accepted: [200, 404]))
            guard response.status == .ok else { return .missing }
            return .present(size: response.contentLength)
        } catch let error as RegistryError where error.isAnswer && !error.isTransient {
            return try await presenceByGet(of: blob)
        }
    }

    /// Asks for a manifest: one HEAD, or a GET where that is refused.
    ///
    /// - Throws: `RegistryError` when the registry gives no usable answer.
    public func holdsManifest(_ digest: Digest) async throws -> Bool {
        let head = request(.HEAD, "manifests/\(digest)", headers: Self.acceptHeaders, accepted: [200, 404])
        do {
            return try await pipeline.send(head).status == .ok
        } catch {
            guard let error = error as? RegistryError, error.isAnswer, !error.isTransient else { throw error }
        }
        do {
            _ = try await bytes(of: digest)
            return true
        } catch {
            guard let error = error as? RegistryError, error.meansAbsence else { throw error }
            return false
        }
    }

    /// Asks for the first byte: some registries refuse HEAD, and some lead to a storage where only GET is allowed.
    private func presenceByGet(of blob: Digest) async throws -> BlobPresence {
        let get = request(
            .GET,
            "blobs/\(blob)",
            headers: ["range": "bytes=0-0"],
            accepted: [200, 206, 404, 416]
        )
        let response = try await pipeline.send(get)
        switch response.status.code {
        case 404: return .missing
        case 200: return .present(size: response.contentLength)
        default:
            let range = response.headers.first(name: "content-range") ?? ""
            return .present(size: ContentRange(range)?.total)
        }
    }
}
