import ContainerImage
import HTTPTypes
import Hummingbird
import ImageStore
import NIOCore

/// Blobs and uploads: OCI distribution specification, "Pulling blobs" and "Pushing blobs".
extension RegistryResponder {
    func blob(
        _ name: String,
        _ digest: Digest,
        _ request: Request,
        _ context: Context
    ) async throws -> Response {
        guard let size = try await content.size(of: digest, in: name) else {
            throw RegistryFault.blobUnknown("\(digest)")
        }
        var headers: HTTPFields = [.contentType: "application/octet-stream", .acceptRanges: "bytes"]
        headers[.contentDigest] = digest.description
        headers[.eTag] = "\"\(digest)\""
        headers[.cacheControl] = "private, max-age=31536000, immutable"
        if isKnown(digest, request) { return Response(status: .notModified, headers: headers) }
        guard request.method == .get, let text = request.headers[.range], let wanted = Self.range(text, size: size)
        else {
            return Response(status: .ok, headers: headers, body: content(of: digest, 0..<size, context.channel))
        }
        guard !wanted.isEmpty else {
            var response = RegistryFault.rangeNotSatisfiable.response
            response.headers[.contentRange] = "bytes */\(size)"
            return response
        }
        headers[.contentRange] = "bytes \(wanted.lowerBound)-\(wanted.upperBound - 1)/\(size)"
        return Response(status: .partialContent, headers: headers, body: content(of: digest, wanted, context.channel))
    }

    private func content(of digest: Digest, _ range: Range<Int64>, _ channel: any Channel) -> ResponseBody {
        ResponseBody(contentLength: range.count) { [content, report, isSecure] writer in
            var rest = range.count
            do {
                // What goes through TLS must come through this process; for little it doesn't matter.
                if !isSecure, rest >= Self.sendfileThreshold, let place = try await content.place(of: digest) {
                    try await FileSender(channel: channel).send(place, from: range.lowerBound, count: rest)
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
            guard rest == 0 else { throw RegistryFault.unreadable }
            try await writer.finish(nil)
        }
    }

    /// From how many bytes on a file's stretch is sent by the kernel alone.
    private static let sendfileThreshold = 64 << 10

    /// The one range of `bytes=…` (RFC 9110, section 14.1.2); empty when the blob doesn't reach it, nil for anything
    /// that is to be passed over.
    static func range(_ text: String, size: Int64) -> Range<Int64>? {
        guard text.hasPrefix("bytes="), !text.contains(",") else { return nil }
        let ends = text.dropFirst(6).split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard ends.count == 2 else { return nil }
        if ends[0].isEmpty {
            guard let last = Int64(ends[1]), last >= 0 else { return nil }
            return max(0, size - last)..<size
        }
        guard let first = Int64(ends[0]), first >= 0 else { return nil }
        guard first < size else { return 0..<0 }
        guard !ends[1].isEmpty else { return first..<size }
        guard let last = Int64(ends[1]), last >= first else { return nil }
        return first..<min(size, last + 1)
    }

    func beginUpload(_ name: String, _ request: Request, in storage: any RegistryStorage) async throws -> Response {
        if let mounted = query("mount", of: request) {
            let digest = try RegistryRoute.digest(mounted)
            if try await storage.mount(digest, from: query("from", of: request), to: name) {
                return created(name, digest)
            }
        }
        let id = await sessions.begin(in: name)
        try await storage.begin(upload: id)
        if let digest = query("digest", of: request) {
            try await receive(request, into: id, of: storage)
            return try await commit(name, id, as: try RegistryRoute.digest(digest), in: storage)
        }
        return try await progress(name, id, status: .accepted)
    }

    func patch(
        _ name: String,
        _ id: String,
        _ request: Request,
        in storage: any RegistryStorage
    ) async throws -> Response {
        try await checkRange(name, id, request)
        try await receive(request, into: id, of: storage)
        return try await progress(name, id, status: .accepted)
    }

    func finishUpload(
        _ name: String,
        _ id: String,
        _ request: Request,
        in storage: any RegistryStorage
    ) async throws -> Response {
        try await checkRange(name, id, request)
        guard let text = query("digest", of: request) else { throw RegistryFault.digestInvalid("") }
        let digest = try RegistryRoute.digest(text)
        try await receive(request, into: id, of: storage)
        return try await commit(name, id, as: digest, in: storage)
    }

    /// A chunk's `Content-Range`, `first-last`, must go on where the upload is, and be as long as the chunk.
    private func checkRange(_ name: String, _ id: String, _ request: Request) async throws {
        let size = try await sessions.size(of: id, in: name)
        guard let range = request.headers[.contentRange] else { return }
        let text = range.hasPrefix("bytes ") ? range.dropFirst(6) : range[...]
        let ends = text.prefix { $0 != "/" }.split(separator: "-", omittingEmptySubsequences: false).map { Int64($0) }
        guard ends.count == 2, let first = ends[0], let last = ends[1], first == size, last >= first else {
            throw RegistryFault.rangeInvalid
        }
        if let length = request.headers[.contentLength].flatMap({ Int64($0) }), length != last - first + 1 {
            throw RegistryFault.rangeInvalid
        }
    }

    func progress(_ name: String, _ id: String, status: HTTPResponse.Status) async throws -> Response {
        let size = try await sessions.size(of: id, in: name)
        var headers: HTTPFields = [.location: "/v2/\(name)/blobs/uploads/\(id)"]
        headers[.range] = "0-\(max(size - 1, 0))"
        headers[.uploadID] = id
        return Response(status: status, headers: headers)
    }

    private func receive(_ request: Request, into id: String, of storage: any RegistryStorage) async throws {
        for try await chunk in request.body {
            let offset = try await sessions.add(chunk, to: id)
            try await storage.append(chunk, to: id, at: offset)
        }
    }

    private func commit(
        _ name: String,
        _ id: String,
        as digest: Digest,
        in storage: any RegistryStorage
    ) async throws -> Response {
        guard try await sessions.finish(id) == digest else {
            try await storage.cancel(upload: id)
            throw RegistryFault.digestInvalid("\(digest)")
        }
        try await storage.commit(upload: id, as: digest, in: name)
        return created(name, digest)
    }

    private func created(_ name: String, _ digest: Digest) -> Response {
        var headers: HTTPFields = [.location: "/v2/\(name)/blobs/\(digest)"]
        headers[.contentDigest] = digest.description
        return Response(status: .created, headers: headers)
    }
}
