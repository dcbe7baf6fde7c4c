import ContainerImage
import HTTPTypes
import HummingbirdCore
import ImageStore
import NIOCore

/// Blobs and uploads: OCI distribution specification, "Pulling blobs" and "Pushing blobs".
extension RegistryResponder {
    func blob(
        _ name: String,
        _ digest: Digest,
        _ request: Request,
        _ channel: any Channel
    ) async throws -> Response {
        guard let size = try await content.size(of: digest, in: name) else {
            throw RegistryResponseError.blobUnknown("\(digest)")
        }
        var headers: HTTPFields = [.contentType: "application/octet-stream", .acceptRanges: "bytes"]
        headers[.contentDigest] = digest.description
        headers[.eTag] = "\"\(digest)\""
        headers[.cacheControl] = "private, max-age=31536000, immutable"
        try checkMatch(digest, request)
        if isKnown(digest, request) { return Response(status: .notModified, headers: headers) }
        guard let wanted = range(of: digest, size: size, request) else {
            return Response(status: .ok, headers: headers, body: content(of: digest, 0..<size, channel))
        }
        guard !wanted.isEmpty else { throw RegistryResponseError.rangeNotSatisfiable(size: size) }
        headers[.contentRange] = "bytes \(wanted.lowerBound)-\(wanted.upperBound - 1)/\(size)"
        return Response(status: .partialContent, headers: headers, body: content(of: digest, wanted, channel))
    }

    private func content(of digest: Digest, _ range: Range<Int64>, _ channel: any Channel) -> ResponseBody {
        ResponseBody(contentLength: range.count) { [content, report, isSecure] writer in
            var rest = range.count
            do {
                // What goes through TLS must come through this process; for little it doesn't matter.
                if !isSecure, rest >= Self.sendfileThreshold, let place = try await content.place(of: digest),
                    try await FileSender(channel: channel).send(place, from: range.lowerBound, count: rest)
                {
                    return try await writer.finish(nil)
                }
                var chunks = try await content.content(of: digest, in: range).makeAsyncIterator()
                while rest > 0, let chunk = try await chunks.next() {
                    rest -= chunk.readableBytes
                    try await writer.write(chunk)
                }
            } catch let error as any ContentError {
                report("sending blob \(digest): \(error)")
                throw error
            }
            // An end before its time closes the connection: the client doesn't take it for the whole.
            guard rest == 0 else { throw RegistryResponseError.unreadable }
            try await writer.finish(nil)
        }
    }

    /// From how many bytes on a file's stretch is sent by the kernel alone.
    private static let sendfileThreshold = 64 << 10

    /// The part that a request asks for; nil for all. A part of other content than there is isn't wanted: RFC 9110,
    /// section 13.1.5.
    private func range(of digest: Digest, size: Int64, _ request: Request) -> Range<Int64>? {
        guard request.method == .get, let text = request.headers[.range] else { return nil }
        if let known = request.headers[.ifRange], known != "\"\(digest)\"" { return nil }
        return ByteRange.requested(text, size: size)
    }

    func beginUpload(_ name: String, _ request: Request, in storage: any RegistryStorage) async throws -> Response {
        if let mounted = query("mount", of: request) {
            let digest = try RegistryRoute.digest(mounted)
            if try await storage.mount(digest, from: query("from", of: request), to: name) {
                return created(name, digest)
            }
        }
        if let digest = try query("digest", of: request).map(RegistryRoute.digest) {
            return try await upload(name, as: digest, request, in: storage)
        }
        var algorithm = Digest.Algorithm.sha256
        if let wanted = query("digest-algorithm", of: request) {
            guard let known = Digest.Algorithm(rawValue: wanted) else {
                throw RegistryResponseError.digestInvalid(wanted)
            }
            algorithm = known
        }
        let upload = await sessions.begin(in: name, algorithm: algorithm, storage: storage)
        return try await progress(name, upload.id, status: .accepted)
    }

    /// Takes a blob in one request.
    private func upload(
        _ name: String,
        as digest: Digest,
        _ request: Request,
        in storage: any RegistryStorage
    ) async throws -> Response {
        let upload = await sessions.begin(in: name, algorithm: digest.algorithm, storage: storage)
        do {
            let writer = try await upload.takeOver(for: nil, length: nil)
            try await receive(request, into: upload, by: writer)
            return try await commit(upload, by: writer, as: digest, in: storage)
        } catch {
            // Nobody knows of it, to go on.
            await upload.cancel()
            await sessions.forget(upload.id)
            throw error
        }
    }

    func patch(_ name: String, _ id: String, _ request: Request) async throws -> Response {
        let upload = try await sessions.upload(id, in: name)
        try await receive(request, into: upload, by: try await takeOver(upload, request))
        return try await progress(name, id, status: .accepted)
    }

    func finishUpload(
        _ name: String,
        _ id: String,
        _ request: Request,
        in storage: any RegistryStorage
    ) async throws -> Response {
        let upload = try await sessions.upload(id, in: name)
        let digest = try RegistryRoute.digest(query("digest", of: request) ?? "")
        let writer = try await takeOver(upload, request)
        try await receive(request, into: upload, by: writer)
        return try await commit(upload, by: writer, as: digest, in: storage)
    }

    /// A chunk's `Content-Range`, `first-last`, must go on where the upload is, and be as long as the chunk.
    private func takeOver(_ upload: Upload, _ request: Request) async throws -> Int {
        guard let text = request.headers[.contentRange] else { return try await upload.takeOver(for: nil, length: nil) }
        guard let chunk = ByteRange.chunk(text) else {
            throw RegistryResponseError.rangeInvalid(size: try await upload.size)
        }
        return try await upload.takeOver(for: chunk, length: request.headers[.contentLength].flatMap(ByteRange.number))
    }

    func progress(_ name: String, _ id: String, status: HTTPResponse.Status) async throws -> Response {
        let size = try await sessions.upload(id, in: name).size
        var headers: HTTPFields = [.location: "/v2/\(name)/blobs/uploads/\(id)"]
        headers[.range] = "0-\(max(size - 1, 0))"
        headers[.uploadID] = id
        return Response(status: status, headers: headers)
    }

    private func receive(_ request: Request, into upload: Upload, by writer: Int) async throws {
        var body = request.body.makeAsyncIterator()
        while let chunk = try await Self.piece(&body) { try await upload.append(chunk, by: writer) }
    }

    private func commit(
        _ upload: Upload,
        by writer: Int,
        as digest: Digest,
        in storage: any RegistryStorage
    ) async throws -> Response {
        let (size, computed) = try await upload.seal(by: writer)
        await sessions.forget(upload.id)
        do {
            let actual =
                computed.algorithm == digest.algorithm
                ? computed : try storage.digest(ofUpload: upload.id, size: size, by: digest.algorithm)
            guard actual == digest else { throw RegistryResponseError.digestInvalid("\(digest)") }
            try await storage.commit(upload: upload.id, size: size, as: digest, in: upload.repository)
        } catch {
            storage.cancel(upload: upload.id)
            throw error
        }
        return created(upload.repository, digest)
    }

    private func created(_ name: String, _ digest: Digest) -> Response {
        var headers: HTTPFields = [.location: "/v2/\(name)/blobs/\(digest)"]
        headers[.contentDigest] = digest.description
        return Response(status: .created, headers: headers)
    }
}
