public import ContainerImage
public import ImageStore
import NIOHTTP1

/// Uploads: OCI distribution specification, "Pushing blobs".
extension RemoteRepository: ImageDestination {
    /// Whether the repository has the blob, of the right size.
    public func contains(_ blob: Descriptor) async throws -> Bool {
        let head = request(.HEAD, "blobs/\(blob.digest)", actions: "pull,push", accepted: [200, 404])
        return try await pipeline.send(head).status == .ok
    }

    /// Uploads the blob as a whole. An upload whose session is lost starts again.
    public func upload(
        _ blob: Descriptor,
        from source: any ImageSource,
        counting item: TransferProgress.Item?
    ) async throws {
        try await pipeline.options.retries.run {
            let location = try await startUpload(mounting: source as? RemoteRepository, blob)
            guard let location else { return }
            try await finishUpload(blob, at: location, from: source, counting: item)
        }
    }

    /// Opens an upload; nil when the registry took the blob over from another of its repositories instead.
    private func startUpload(mounting source: RemoteRepository?, _ blob: Descriptor) async throws -> RegistryURL? {
        var path = "blobs/uploads/"
        var mountedFrom: Repository?
        if let other = source?.repository, other.registry == repository.registry, other != repository {
            path += "?mount=\(blob.digest)&from=\(PercentEncoding.encode(other.path))"
            mountedFrom = other
        }
        var post = request(.POST, path, actions: "pull,push", accepted: [201, 202])
        post.mountedFrom = mountedFrom
        let response = try await pipeline.collect(post, limit: 1 << 20).response
        guard response.status != .created else { return nil }
        guard let text = response.headers.first(name: "location"), let url = response.url.resolving(text) else {
            throw RegistryError(
                request: "POST \(response.url)",
                reason: .badResponse("the registry gave no usable Location for the upload")
            )
        }
        return url
    }

    private func finishUpload(
        _ blob: Descriptor,
        at location: RegistryURL,
        from source: any ImageSource,
        counting item: TransferProgress.Item?
    ) async throws {
        let put = RegistryRequest(
            method: .PUT,
            repository: repository,
            target: .address(
                location.appending(query: "digest=\(PercentEncoding.encode(blob.digest.description))").text
            ),
            actions: "pull,push",
            headers: ["content-type": "application/octet-stream"],
            body: .blob(blob, source, counting: item),
            accepted: [200, 201, 204]
        )
        do {
            _ = try await pipeline.collect(put, limit: 1 << 20, retrying: false)
        } catch let error as RegistryError where error.status == 404 || error.status == 416 {
            // The session is gone: another one is worth a try.
            throw RegistryError(request: error.request, reason: .transport("\(error)", isTransient: true))
        }
    }
}
