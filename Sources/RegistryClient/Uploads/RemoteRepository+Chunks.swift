import ContainerImage
import HTTPTransport
import ImageStore
import NIOHTTP1

/// Uploads in chunks: OCI distribution specification, "Pushing a blob in chunks".
extension RemoteRepository {
    /// Uploads what `content` has in chunks of `size` bytes, or fewer where that is too much.
    ///
    /// - Parameters:
    ///   - failure: Why an upload that was begun otherwise has to go on so; the registry is asked how much it has.
    /// - Throws: The failure that stands; the upload is given up then, and may succeed when it is begun again.
    func sendInChunks(
        _ content: UploadContent,
        to opened: OpenUpload,
        of size: Int64,
        after failure: RegistryError? = nil
    ) async throws {
        let session = await pipeline.sessions.session(for: repository.registry)
        var upload = opened
        var failure = failure
        let sent = await content.position
        var progress = ChunkedUpload(
            size: content.blob.size,
            chunkSize: size,
            smallest: pipeline.options.uploadChunking.smallest,
            minimum: opened.minimumChunk,
            sent: failure == nil ? nil : sent
        )
        do {
            while true {
                if let learnt = await session.habits.chunkSize { progress.limit(to: learnt) }
                let (step, chunkSize) = (progress.step, progress.chunkSize)
                do {
                    guard try await take(step, of: content, &upload, &progress, failure) else { return }
                    if case .send = step { failure = nil }
                } catch let error as RegistryError {
                    guard let event = ChunkedUpload.Event(error, at: step) else { throw error }
                    if step != .ask { failure = error }
                    progress.received(event)
                }
                if progress.chunkSize < chunkSize { await session.takes(chunksOf: progress.chunkSize) }
                if progress.failures > 0, progress.step != .giveUp {
                    try await pipeline.options.retries.pause(
                        after: progress.failures,
                        failure ?? RegistryError.incompleteChunk(upload.location)
                    )
                }
            }
        } catch {
            await abandon(upload.location, after: error)
            throw error
        }
    }

    /// Does one step; false when it was the last.
    private func take(
        _ step: ChunkedUpload.Step,
        of content: UploadContent,
        _ upload: inout OpenUpload,
        _ progress: inout ChunkedUpload,
        _ failure: RegistryError?
    ) async throws -> Bool {
        switch step {
        case .send(let chunk):
            try await content.hold(chunk)
            let headers: HTTPHeaders = [
                "content-type": "application/octet-stream",
                "content-range": "\(chunk.lowerBound)-\(chunk.upperBound - 1)",
            ]
            let body = RegistryRequest.Body.chunk(content, chunk, isRepeatable: true)
            let response = try await continueUpload(.PATCH, at: upload.location, headers, body)
            upload.follow(response)
            progress.received(.taken(last: response.headers.first(name: "range").flatMap(UploadRange.last)))
        case .ask:
            let response = try await continueUpload(.GET, at: upload.location)
            upload.follow(response)
            let last = response.headers.first(name: "range").flatMap(UploadRange.last)
            progress.received(last.map { .located(last: $0) } ?? .lost)
        case .finish:
            try await close(content.blob, at: upload.location, with: .bytes([]))
            return false
        case .giveUp: throw failure ?? .incompleteChunk(upload.location)
        }
        return true
    }

    /// Sends a request that belongs to an upload.
    func continueUpload(
        _ method: HTTPMethod,
        at location: RegistryURL,
        _ headers: HTTPHeaders = HTTPHeaders(),
        _ body: RegistryRequest.Body? = nil,
        meter: UploadMeter? = nil
    ) async throws -> RequestPipeline.Response {
        var request = RegistryRequest(
            method: method,
            repository: repository,
            target: .address(location.text),
            actions: "pull,push",
            headers: headers,
            body: body,
            accepted: [200, 201, 202, 204]
        )
        request.meter = meter
        return try await pipeline.collect(request, limit: 1 << 20, retrying: false).response
    }
}

extension ChunkedUpload.Event {
    /// What a failure means for an upload; nil if it means the end.
    fileprivate init?(_ error: RegistryError, at step: ChunkedUpload.Step) {
        switch (step, error.status) {
        case _ where error.isTransient: self = .interrupted
        case (.ask, _): self = .lost
        case (.send, 413): self = .tooLarge
        case (.send, 416): self = .misplaced
        default: return nil
        }
    }
}

extension RegistryError {
    /// A registry that says of an upload what can't be.
    fileprivate static func incompleteChunk(_ location: RegistryURL) -> RegistryError {
        RegistryError(
            request: "PATCH \(location)",
            reason: .badResponse("the registry says that it has other bytes of the upload than were sent")
        )
    }
}
