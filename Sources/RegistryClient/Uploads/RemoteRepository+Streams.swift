import ContainerImage
import ImageStore
import NIOHTTP1

/// Uploads of what can be read once. The last bytes stay in memory, so that such an upload can go on from where it broke
/// off, or in chunks.
extension RemoteRepository {
    /// Uploads what passes by once.
    func stream(
        _ blob: Descriptor,
        to opened: OpenUpload,
        from source: any ImageSource,
        counting item: TransferProgress.Item?
    ) async throws {
        let session = await pipeline.sessions.session(for: repository.registry)
        let chunking = pipeline.options.uploadChunking
        let window = max(UploadChunking.window, opened.minimumChunk)
        let isKept = chunking != .off && window <= UploadChunking.largest
        let content = UploadContent(blob, from: source, counting: item, window: isKept ? window : 0)
        var upload = opened
        var chunk = isKept ? await session.chunkSize(for: blob.size, by: chunking) : nil
        var attempt = 1
        while true {
            var failure: RegistryError?
            do {
                if let chunk { return try await sendInChunks(content, to: upload, of: min(chunk, window)) }
                do {
                    return try await sendWhole(content, to: upload)
                } catch let error as RegistryError where isKept && Self.mayGoOn(error) {
                    failure = error
                    if error.status == 413 { try await session.takes(lessThan: blob.size, error, chunking) }
                } catch {
                    await abandon(upload.location, after: error)
                    throw error
                }
                let size = await session.chunkSize(for: blob.size, by: chunking) ?? window
                chunk = size
                return try await sendInChunks(content, to: upload, of: min(size, window), after: failure)
            } catch {
                guard isKept, Self.mayBeRepeated(error), await content.covers(0) else { throw error }
                try await pipeline.options.retries.pause(after: attempt, error)
                attempt += 1
                // The answer alone may have been lost.
                if try await contains(blob) == true { return }
                guard let another = try await openUpload() else { return }
                upload = another
            }
        }
    }

    private static func mayGoOn(_ error: RegistryError) -> Bool { error.status == 413 || mayBeRepeated(error) }

    /// Sends all bytes with one request. Every registry knows PATCH: what can't be sent twice goes that way while it isn't
    /// known that PUT works.
    private func sendWhole(_ content: UploadContent, to opened: OpenUpload) async throws {
        let session = await pipeline.sessions.session(for: repository.registry)
        let body = RegistryRequest.Body.chunk(content, 0..<content.blob.size, isRepeatable: false)
        if await session.habits.upload == .put {
            return try await close(content.blob, at: opened.location, with: body)
        }
        var upload = opened
        let headers: HTTPHeaders = ["content-type": "application/octet-stream"]
        upload.follow(try await continueUpload(.PATCH, at: upload.location, headers, body))
        try await close(content.blob, at: upload.location, with: .bytes([]))
    }
}

extension RegistrySession {
    /// Records that `size` bytes at once are too many.
    ///
    /// - Throws: `refusal` where fewer make no sense.
    func takes(lessThan size: Int64, _ refusal: RegistryError, _ chunking: UploadChunking) throws {
        guard chunking != .off, let chunk = UploadChunking.size(below: size, smallest: chunking.smallest) else {
            throw refusal
        }
        takes(chunksOf: chunk)
    }
}
