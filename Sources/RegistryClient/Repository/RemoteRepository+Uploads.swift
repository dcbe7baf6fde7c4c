public import ContainerImage
import HTTPTransport
public import ImageStore
import NIOHTTP1

/// Uploads: OCI distribution specification, "Pushing blobs".
extension RemoteRepository: ImageDestination {
    /// Whether the registry says that it doesn't know the repository: no manifest was pushed to it yet.
    public func isRepositoryUnknown() async throws -> Bool {
        do {
            let get = request(.GET, "tags/list?n=1", actions: "pull,push")
            _ = try await pipeline.collect(get, limit: 1 << 20, retrying: false)
            return false
        } catch let error as RegistryError {
            return error.has(codes: ["NAME_UNKNOWN"])
        }
    }

    /// Whether the repository has the blob, of the right size; nil where the registry doesn't tell.
    public func contains(_ blob: Descriptor) async throws -> Bool? {
        let head = request(.HEAD, "blobs/\(blob.digest)", actions: "pull,push", accepted: [200, 404])
        do {
            let response = try await pipeline.send(head)
            guard response.status == .ok else { return false }
            return response.contentLength.map { $0 == blob.size } ?? !response.isPage
        } catch let error as RegistryError
            where error.isAnswer || !error.request.contains("://\(repository.registry.name)/")
        {
            // Some refuse HEAD, and some lead to a storage where only GET is allowed, or that can't be reached from here.
            return nil
        }
    }

    /// Uploads the blob as a whole. An upload whose session is lost, or whose bytes were altered on the way, starts
    /// again, from a source that can be read again.
    public func upload(
        _ blob: Descriptor,
        from source: any ImageSource,
        counting item: TransferProgress.Item?
    ) async throws {
        try await (source.isRepeatable ? pipeline.options.retries : .none).run(while: Self.mayBeRepeated) { attempt in
            // The answer alone may have been lost.
            if attempt > 1, try await contains(blob) == true { return }
            // A mount that takes too long is given up in the end.
            let origin = attempt < 3 ? source.origin : nil
            let location =
                if source.isRepeatable {
                    try await startUpload(of: blob, mounting: origin)
                } else {
                    // Nothing of the source is read before the upload is open.
                    try await pipeline.options.retries.run(while: Self.mayBeRepeated) { _ in
                        try await startUpload(of: blob, mounting: origin)
                    }
                }
            guard let location else { return }
            try await send(blob, to: location, from: source, counting: item, attempt: attempt)
        }
    }

    private static func mayBeRepeated(_ error: any Error) -> Bool {
        RetryPolicy.isTransient(error) || (error as? RegistryError)?.isLostUpload == true
    }

    /// Opens an upload; nil when the registry took the blob over from another of its repositories instead. A mount is a
    /// shortcut: whatever is refused of it, its token too, the blob can be uploaded.
    private func startUpload(of blob: Descriptor, mounting origin: Repository?) async throws -> RegistryURL? {
        guard let origin, origin.registry == repository.registry, origin != repository else {
            return try await openUpload()
        }
        let session = await pipeline.sessions.session(for: repository.registry)
        let mount = RegistryHabits.Mount(from: origin, to: repository)
        guard await !session.habits.refusedMounts.contains(mount) else { return try await openUpload() }
        do {
            return try await openUpload("?mount=\(blob.digest)&from=\(PercentEncoding.encode(origin.path))", origin)
        } catch let error as RegistryError where error.refusesMount {
            // Of one blob alone a registry may say that it isn't there.
            if error.status != 404 { await session.refused(mount) }
            return try await openUpload()
        }
    }

    private func openUpload(_ query: String = "", _ origin: Repository? = nil) async throws -> RegistryURL? {
        var post = request(.POST, "blobs/uploads/" + query, actions: "pull,push", accepted: [201, 202])
        post.mountedFrom = origin
        let response = try await pipeline.collect(post, limit: 1 << 20, retrying: false).response
        guard response.status != .created || origin == nil else { return nil }
        guard let text = response.headers.first(name: "location"), let url = response.url.resolving(text) else {
            throw RegistryError(
                request: "POST \(response.url)",
                reason: .badResponse("the registry gave no usable Location for the upload")
            )
        }
        return url
    }

    /// Sends the bytes: with the request that ends the upload, or before it where the registry wants that.
    private func send(
        _ blob: Descriptor,
        to location: RegistryURL,
        from source: any ImageSource,
        counting item: TransferProgress.Item?,
        attempt: Int
    ) async throws {
        let session = await pipeline.sessions.session(for: repository.registry)
        // Every registry knows PATCH: what can't be sent twice goes that way while it isn't known that another one works.
        let form = await session.habits.upload ?? (source.isRepeatable ? .put : .patch)
        guard form == .put else { return try await patch(blob, to: location, from: source, counting: item) }
        do {
            try await finish(blob, at: location, with: .blob(blob, source, counting: item))
            await session.took(.put)
        } catch let error as RegistryError where source.isRepeatable && error.refusesBody(attempt: attempt) {
            guard let another = try await openUpload() else { throw error }
            do {
                try await patch(blob, to: another, from: source, counting: item)
            } catch let second as RegistryError where second.isAnswer {
                throw error
            }
            await session.took(.patch)
        }
    }

    private func patch(
        _ blob: Descriptor,
        to location: RegistryURL,
        from source: any ImageSource,
        counting item: TransferProgress.Item?
    ) async throws {
        let patch = RegistryRequest(
            method: .PATCH,
            repository: repository,
            target: .address(location.text),
            actions: "pull,push",
            headers: ["content-type": "application/octet-stream"],
            body: .blob(blob, source, counting: item),
            accepted: [200, 201, 202, 204]
        )
        let response = try await abandoning(location) {
            try await pipeline.collect(patch, limit: 1 << 20, retrying: false).response
        }
        let next = response.headers.first(name: "location").flatMap { response.url.resolving($0) } ?? location
        try await finish(blob, at: next, with: .bytes([]))
    }

    private func finish(_ blob: Descriptor, at location: RegistryURL, with body: RegistryRequest.Body) async throws {
        let put = RegistryRequest(
            method: .PUT,
            repository: repository,
            target: .address(
                location.appending(query: "digest=\(PercentEncoding.encode(blob.digest.description))").text
            ),
            actions: "pull,push",
            headers: ["content-type": "application/octet-stream"],
            body: body,
            accepted: [200, 201, 202, 204]
        )
        try await abandoning(location) { _ = try await pipeline.collect(put, limit: 1 << 20, retrying: false) }
    }

    /// Runs `body`; when it fails, and there is somebody to tell, the registry is told that the upload is given up (OCI
    /// distribution specification, "Cancelling a blob upload").
    private func abandoning<Value: Sendable>(
        _ location: RegistryURL,
        _ body: () async throws -> Value
    ) async throws -> Value {
        do {
            return try await body()
        } catch {
            let isOver = (error as? RegistryError).map { $0.status == nil || $0.status == 404 } ?? false
            if !isOver, !(error is CancellationError) {
                var delete = RegistryRequest(
                    method: .DELETE,
                    repository: repository,
                    target: .address(location.text),
                    actions: "pull,push",
                    accepted: [200, 202, 204, 404]
                )
                delete.renewsAuthorization = false
                _ = try? await pipeline.collect(delete, limit: 1 << 16, retrying: false)
            }
            throw error
        }
    }
}
