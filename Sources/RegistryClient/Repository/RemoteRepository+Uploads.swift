public import ContainerImage
import HTTPTransport
public import ImageStore
import NIOHTTP1

/// Uploads: OCI distribution specification, "Pushing blobs".
extension RemoteRepository: ImageDestination {
    /// Whether the registry says that it doesn't know the repository: no manifest was pushed to it yet.
    ///
    /// - Throws: `RegistryError`, or `CredentialError` where there is no login to be had.
    public func isRepositoryUnknown() async throws -> Bool {
        do {
            let get = request(.GET, "tags/list?n=1", actions: "pull,push")
            _ = try await pipeline.collect(get, limit: 1 << 20, retrying: false)
            return false
        } catch let error as RegistryError {
            return error.has(codes: ["NAME_UNKNOWN"])
        }
    }

    /// Whether the repository has the blob, of the right size; nil if the registry doesn't tell.
    ///
    /// - Throws: `RegistryError`, or `CredentialError` where there is no login to be had.
    public func contains(_ blob: Descriptor) async throws -> Bool? {
        let head = request(.HEAD, "blobs/\(blob.digest)", actions: "pull,push", accepted: [200, 404])
        do {
            let response = try await pipeline.send(head)
            guard response.status == .ok else { return false }
            return response.contentLength.map { $0 == blob.size } ?? !response.isPage
        } catch let error as RegistryError
            where error.isAnswer && !error.isTooManyRequests
            || !error.isLoginRejected && !error.request.contains("://\(repository.registry.name)/")
        {
            // Some refuse HEAD, and some lead to a storage where only GET is allowed, or that can't be reached from here.
            return nil
        }
    }

    /// Uploads the blob: whole, or in chunks where that is refused. An upload whose session is lost, or whose bytes were
    /// altered on the way, starts again, from a source that can be read again.
    ///
    /// - Throws: `RegistryError`, or `CredentialError` where there is no login to be had; `BlobError` when the source's bytes aren't the
    ///   blob's, and what the source throws.
    public func upload(
        _ blob: Descriptor,
        from source: any ImageSource,
        counting item: TransferProgress.Item?
    ) async throws {
        let meter = UploadMeter()
        try await (source.isRepeatable ? pipeline.options.retries : .none).run(while: Self.mayBeRepeated) { attempt in
            // The answer alone may have been lost.
            if attempt > 1, try await contains(blob) == true { return }
            // A mount that takes too long is given up in the end.
            let origin = attempt < 3 ? source.origin : nil
            guard source.isRepeatable else {
                // Nothing of the source is read before the upload is open.
                let upload = try await pipeline.options.retries.run(while: Self.mayBeRepeated) { _ in
                    try await startUpload(of: blob, mounting: origin)
                }
                if let upload { try await stream(blob, to: upload, from: source, counting: item) }
                return
            }
            guard let upload = try await startUpload(of: blob, mounting: origin) else { return }
            // Bytes that a registry refused may be other ones than those that were verified.
            let bytes: any ImageSource = attempt > 1 && source.isVerified ? DoubtedSource(base: source) : source
            let work = UploadWork(blob: blob, source: bytes, item: item, meter: meter, attempt: attempt)
            try await send(work, to: upload)
        }
    }

    static func mayBeRepeated(_ error: any Error) -> Bool {
        RetryPolicy.isTransient(error) || (error as? RegistryError)?.isLostUpload == true
    }

    /// Opens an upload; nil when the registry took the blob over from another of its repositories instead. A mount is a
    /// shortcut: whatever is refused of it, its token too, the blob can be uploaded.
    private func startUpload(of blob: Descriptor, mounting origin: Repository?) async throws -> OpenUpload? {
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

    func openUpload(_ query: String = "", _ origin: Repository? = nil) async throws -> OpenUpload? {
        var post = request(.POST, "blobs/uploads/" + query, actions: "pull,push", accepted: [201, 202])
        post.mountedFrom = origin
        let response = try await pipeline.collect(post, limit: 1 << 20, retrying: false).response
        guard response.status != .created || origin == nil else { return nil }
        guard let upload = OpenUpload(response) else {
            throw RegistryError(
                request: "POST \(response.url)",
                reason: .badResponse("the registry gave no usable Location for the upload")
            )
        }
        return upload
    }

    /// Sends the bytes, in chunks where the registry, or a proxy before it, doesn't take so many at once.
    private func send(_ work: UploadWork, to upload: OpenUpload) async throws {
        let session = await pipeline.sessions.session(for: repository.registry)
        let (blob, chunking) = (work.blob, pipeline.options.uploadChunking)
        if let size = await session.chunkSize(for: blob.size, by: chunking) {
            return try await sendInChunks(work, to: upload, of: size)
        }
        do {
            try await sendWhole(work, to: upload, in: session)
        } catch let error as RegistryError where error.status == 413 {
            try await session.takes(lessThan: blob.size, error, chunking)
            guard let size = await session.chunkSize(for: blob.size, by: chunking),
                let another = try await openUpload()
            else { throw error }
            do {
                try await sendInChunks(work, to: another, of: size)
            } catch let second as RegistryError where second.refusesChunks {
                throw error
            }
        } catch let error as RegistryError where error.isTransient && error.status == nil && chunking != .off {
            if let size = work.meter.brokeOff(),
                let chunk = UploadChunking.size(below: size, smallest: chunking.smallest)
            {
                await session.takes(chunksOf: chunk)
            }
            throw error
        }
    }

    private func sendInChunks(_ work: UploadWork, to upload: OpenUpload, of size: Int64) async throws {
        let content = UploadContent(work.blob, from: work.source, counting: work.item, window: 0)
        do {
            try await sendInChunks(content, to: upload, of: size)
        } catch let error as RegistryError where error.has(codes: ["DIGEST_INVALID"]) {
            guard work.meter.isFirstMismatch() else {
                throw RegistryError(
                    request: error.request,
                    reason: .badResponse("twice the registry got other bytes than were sent: does a proxy alter them?")
                )
            }
            throw error
        }
    }

    /// Sends the bytes with the request that ends the upload, or before it where the registry wants that.
    private func sendWhole(_ work: UploadWork, to upload: OpenUpload, in session: RegistrySession) async throws {
        guard await session.habits.upload ?? .put == .put else { return try await patch(work, to: upload.location) }
        do {
            try await abandoning(upload.location) {
                try await close(work.blob, at: upload.location, with: work.body, meter: work.meter)
            }
            await session.took(.put)
        } catch let error as RegistryError where error.refusesBody(attempt: work.attempt) {
            guard let another = try await openUpload() else { throw error }
            do {
                try await patch(work, to: another.location)
            } catch let second as RegistryError where second.isAnswer && second.status != 413 {
                throw error
            }
            await session.took(.patch)
        }
    }

    private func patch(_ work: UploadWork, to location: RegistryURL) async throws {
        let headers: HTTPHeaders = ["content-type": "application/octet-stream"]
        let response = try await abandoning(location) {
            try await continueUpload(.PATCH, at: location, headers, work.body, meter: work.meter)
        }
        let next = response.headers.first(name: "location").flatMap { response.url.resolving($0) } ?? location
        try await abandoning(next) { try await close(work.blob, at: next, with: .bytes([])) }
    }

    /// Ends an upload; the bytes are in `body`, or were sent before.
    func close(
        _ blob: Descriptor,
        at location: RegistryURL,
        with body: RegistryRequest.Body,
        meter: UploadMeter? = nil
    ) async throws {
        let response = try await continueUpload(
            .PUT,
            at: location.appending(query: "digest=\(PercentEncoding.encode(blob.digest.description))"),
            ["content-type": "application/octet-stream"],
            body,
            meter: meter
        )
        guard let stated = response.statedDigest, stated.algorithm == blob.digest.algorithm else { return }
        guard stated == blob.digest else {
            throw RegistryError(
                request: "PUT \(response.url)",
                reason: .badResponse("the registry stored the blob under another digest, \(stated)")
            )
        }
    }

    /// Runs `body`; when it fails, the upload is given up.
    private func abandoning<Value: Sendable>(
        _ location: RegistryURL,
        _ body: () async throws -> Value
    ) async throws -> Value {
        do {
            return try await body()
        } catch {
            await abandon(location, after: error)
            throw error
        }
    }

    /// Tells the registry that an upload is given up, where there is somebody to tell (OCI distribution specification,
    /// "Cancelling a blob upload").
    func abandon(_ location: RegistryURL, after error: any Error) async {
        let isOver = (error as? RegistryError).map { $0.status == nil || $0.status == 404 } ?? false
        guard !isOver, !(error is CancellationError) else { return }
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
}
