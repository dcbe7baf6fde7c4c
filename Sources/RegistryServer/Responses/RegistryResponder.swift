import ContainerImage
import HTTPTypes
import HummingbirdCore
import NIOCore

/// Answers the requests of the protocol.
struct RegistryResponder: Sendable {
    let content: any RegistryContent
    /// The same when it takes things as well.
    let storage: (any RegistryStorage)?
    let sparseIndexes: SparseIndexes
    let passwords: PasswordFile?
    let isSecure: Bool
    let report: @Sendable (HintedText) -> Void
    /// Takes what was answered, if anybody wants to know.
    let access: (@Sendable (AccessRecord) -> Void)?
    let sessions = UploadSessions()

    func respond(to request: Request, on channel: any Channel) async -> Response {
        var response: Response
        do {
            try await admit(request)
            response = try await answer(request, channel)
        } catch let fault as RegistryResponseError {
            response = fault.response
        } catch {
            report("\(request.method.rawValue) \(request.uri.path): \(error)")
            let isRead = request.method == .get || request.method == .head
            response = (isRead ? RegistryResponseError.unreadable : .unstorable).response
        }
        response.headers[.apiVersion] = "registry/2.0"
        return request.method == .head ? response.createHeadResponse() : response
    }

    /// The next piece of a request's body.
    ///
    /// - Throws: `bodyInvalid` where the client broke off, or sent what can't be read: nothing here is at fault.
    static func piece(_ body: inout RequestBody.AsyncIterator) async throws(RegistryResponseError) -> ByteBuffer? {
        do { return try await body.next() } catch { throw .bodyInvalid }
    }

    private func admit(_ request: Request) async throws {
        guard let passwords else { return }
        guard try await passwords.admits(request.headers[.authorization]) else {
            throw RegistryResponseError.unauthorized
        }
    }

    /// Who is logged in; nil if nobody has to be, or the login was refused.
    func user(of request: Request, answeredBy status: HTTPResponse.Status) -> String? {
        guard passwords != nil, status != .unauthorized, status != .tooManyRequests else { return nil }
        return PasswordFile.user(in: request.headers[.authorization])
    }

    private func answer(_ request: Request, _ channel: any Channel) async throws -> Response {
        let path = request.uri.path.removingPercentEncoding
        guard path != "/" else { return try await page(request) }
        let route = try RegistryRoute(path: path)
        guard let host = query("ns", of: request) else { return try await answer(request, route, channel) }
        let renamed = route.renamed { content.repository($0, of: host) }
        do {
            var response = try await answer(request, renamed, channel)
            if renamed != route { response.headers[.namespace] = host }
            return response
        } catch var fault as RegistryResponseError {
            if renamed != route { fault.headers[.namespace] = host }
            throw fault
        }
    }

    private func answer(_ request: Request, _ route: RegistryRoute, _ channel: any Channel) async throws -> Response {
        switch (route, request.method) {
        case (.base, .get), (.base, .head): return json("{}")
        case (.catalog, .get), (.catalog, .head): return try await catalog(request)
        case (.tags(let name), .get), (.tags(let name), .head): return try await tags(name, request)
        case (.referrers(let name, let digest), .get), (.referrers(let name, let digest), .head):
            return try await referrers(name, digest, request)
        case (.manifest(let name, let reference), .get), (.manifest(let name, let reference), .head):
            return try await manifest(name, reference, request)
        case (.blob(let name, let digest), .get), (.blob(let name, let digest), .head):
            return try await blob(name, digest, request, channel)
        default:
            let allowed = route.methods(isWritable: storage != nil)
            guard let storage, allowed.contains(request.method) else {
                throw RegistryResponseError.unsupported(allowed: allowed)
            }
            return try await change(route, request, in: storage)
        }
    }

    private func change(
        _ route: RegistryRoute,
        _ request: Request,
        in storage: any RegistryStorage
    ) async throws -> Response {
        switch (route, request.method) {
        case (.manifest(let name, let reference), .put): return try await put(name, reference, request, in: storage)
        case (.manifest(let name, let reference), .delete): return try await delete(name, reference, in: storage)
        case (.blob(let name, let digest), .delete):
            guard try await storage.remove(digest, from: name) else {
                throw RegistryResponseError.blobUnknown("\(digest)")
            }
            return Response(status: .accepted)
        case (.uploads(let name), .post): return try await beginUpload(name, request, in: storage)
        case (.upload(let name, let id), .get): return try await progress(name, id, status: .noContent)
        case (.upload(let name, let id), .patch): return try await patch(name, id, request)
        case (.upload(let name, let id), .put): return try await finishUpload(name, id, request, in: storage)
        case (.upload(let name, let id), .delete):
            try await sessions.upload(id, in: name).cancel()
            await sessions.forget(id)
            return Response(status: .noContent)
        default: throw RegistryResponseError.unsupported(allowed: [])
        }
    }

    func json(_ text: String, type: String = "application/json", headers: HTTPFields = [:]) -> Response {
        var headers = headers
        headers[.contentType] = type
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    func query(_ name: String, of request: Request) -> String? {
        request.uri.queryParameters[name[...]].map { String($0) }
    }

    /// Whether the client has this content already: RFC 9110, section 13.1.2.
    func isKnown(_ digest: Digest, _ request: Request) -> Bool {
        guard let known = request.headers[.ifNoneMatch] else { return false }
        return known == "*" || known.contains("\"\(digest)\"")
    }

    /// Refuses a request for other content than there is: RFC 9110, section 13.1.1.
    func checkMatch(_ digest: Digest, _ request: Request) throws(RegistryResponseError) {
        guard let wanted = request.headers[.ifMatch], wanted != "*" else { return }
        let tags = wanted.split(separator: ",").map { $0.drop { $0 == " " } }
        // A weak tag never matches.
        guard tags.contains(where: { $0.hasPrefix("\"\(digest)\"") }) else { throw .preconditionFailed }
    }
}

extension String {
    /// The text with `%xx` replaced; itself where that gives no UTF-8.
    var removingPercentEncoding: String {
        guard contains("%") else { return self }
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            let digits = rest.prefix(2)
            if byte == UInt8(ascii: "%"), digits.first != UInt8(ascii: "+"), digits.count == 2,
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self) ?? self
    }
}
