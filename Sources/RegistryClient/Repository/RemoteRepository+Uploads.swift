public import ContainerImage
public import ImageStore
import NIOHTTP1

/// Uploads: OCI distribution specification, "Pushing blobs".
extension RemoteRepository: ImageDestination {
    /// Whether the registry says that it doesn't know the repository: no manifest was pushed to it yet.
    public func isKnownToBeNew() async throws -> Bool {
        do {
            let get = request(.GET, "tags/list?n=1", actions: "pull,push")
            _ = try await pipeline.collect(get, limit: 1 << 20, retrying: false)
            return false
        } catch let error as RegistryError {
            return error.has(codes: ["NAME_UNKNOWN"])
        }
    }

    /// Whether the repository has the blob, of the right size.
    public func contains(_ blob: Descriptor) async throws -> Bool {
        let head = request(.HEAD, "blobs/\(blob.digest)", actions: "pull,push", accepted: [200, 404])
        let response = try await pipeline.send(head)
        guard response.status == .ok, !response.isPage else { return false }
        return response.contentLength ?? blob.size == blob.size
    }

    /// Uploads the blob as a whole. An upload whose session is lost, or whose bytes were altered on the way, starts
    /// again, from a source that can be read again.
    public func upload(
        _ blob: Descriptor,
        from source: any ImageSource,
        counting item: TransferProgress.Item?
    ) async throws {
        try await (source.isRepeatable ? pipeline.options.retries : .none).run(
            while: { RetryPolicy.isTransient($0) || Self.isLost($0) }
        ) { attempt in
            // The answer alone may have been lost.
            if attempt > 1, try await contains(blob) { return }
            let location = try await startUpload(mounting: source.origin, blob)
            guard let location else { return }
            try await finishUpload(blob, at: location, from: source, counting: item)
        }
    }

    private static func isLost(_ error: any Error) -> Bool {
        guard let error = error as? RegistryError, error.request.hasPrefix("PUT ") else { return false }
        return error.status == 404 || error.status == 416
            || error.has(codes: ["BLOB_UPLOAD_UNKNOWN", "BLOB_UPLOAD_INVALID", "DIGEST_INVALID"])
    }

    /// Opens an upload; nil when the registry took the blob over from another of its repositories instead.
    private func startUpload(mounting origin: Repository?, _ blob: Descriptor) async throws -> RegistryURL? {
        var path = "blobs/uploads/"
        var mountedFrom: Repository?
        if let other = origin, other.registry == repository.registry, other != repository {
            path += "?mount=\(blob.digest)&from=\(PercentEncoding.encode(other.path))"
            mountedFrom = other
        }
        var post = request(.POST, path, actions: "pull,push", accepted: [201, 202])
        post.mountedFrom = mountedFrom
        let response = try await pipeline.collect(post, limit: 1 << 20, retrying: false).response
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
        _ = try await pipeline.collect(put, limit: 1 << 20, retrying: false)
    }
}
