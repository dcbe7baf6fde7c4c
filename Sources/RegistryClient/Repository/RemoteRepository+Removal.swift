public import ContainerImage
public import ImageStore
import NIOHTTP1

/// Deletion: OCI distribution specification, "Content Management".
extension RemoteRepository: ContentRemoval {
    /// Deletes a tag. Registries that delete by digest alone refuse it.
    ///
    /// - Throws: `RegistryError`, or `CredentialError` where there is no login to be had.
    public func remove(_ tag: Tag) async throws -> RemovalOutcome { try await remove(manifest: tag.name) }

    /// Deletes a manifest.
    ///
    /// - Throws: `RegistryError`, or `CredentialError` where there is no login to be had.
    public func remove(manifest digest: Digest) async throws -> RemovalOutcome {
        try await remove(manifest: digest.description)
    }

    private func remove(manifest identifier: String) async throws -> RemovalOutcome {
        let delete = request(
            .DELETE,
            "manifests/\(identifier)",
            actions: "pull,push,delete",
            accepted: [200, 202, 204, 400, 404, 405, 501]
        )
        let (response, _) = try await pipeline.collect(delete, limit: 1 << 20)
        switch response.status.code {
        case 400, 405, 501: return .unsupported
        case 404: return .absent
        default: return .removed
        }
    }
}
