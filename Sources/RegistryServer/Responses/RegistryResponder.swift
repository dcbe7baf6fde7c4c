import ContainerImage
import HTTPTypes
import Hummingbird
import NIOCore

/// Answers the requests of the protocol.
struct RegistryResponder: HTTPResponder {
    typealias Context = BasicRequestContext
    let storage: any RegistryStorage
    let sessions = UploadSessions()

    func respond(to request: Request, context: Context) async throws -> Response {
        var response: Response
        do {
            response = try await answer(request)
        } catch let fault as RegistryFault {
            response = fault.response
        }
        response.headers[.apiVersion] = "registry/2.0"
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func answer(_ request: Request) async throws -> Response {
        let route = try RegistryRoute(path: request.uri.path.removingPercentEncoding)
        switch (route, request.method) {
        case (.base, .get), (.base, .head): return json("{}")
        case (.catalog, .get): return try await catalog(request)
        case (.tags(let name), .get): return try await tags(name, request)
        case (.referrers(let name, let digest), .get): return try await referrers(name, digest, request)
        case (.manifest(let name, let reference), .get), (.manifest(let name, let reference), .head):
            return try await manifest(name, reference)
        case (.manifest(let name, let reference), .put): return try await put(name, reference, request)
        case (.manifest(let name, let reference), .delete): return try await delete(name, reference)
        case (.blob(let name, let digest), .get), (.blob(let name, let digest), .head):
            return try await blob(name, digest, request)
        case (.blob(let name, let digest), .delete):
            guard try await storage.remove(digest, from: name) else { throw RegistryFault.blobUnknown("\(digest)") }
            return Response(status: .accepted)
        case (.uploads(let name), .post): return try await beginUpload(name, request)
        case (.upload(let name, let id), .get): return try await progress(name, id, status: .noContent)
        case (.upload(let name, let id), .patch): return try await patch(name, id, request)
        case (.upload(let name, let id), .put): return try await finishUpload(name, id, request)
        case (.upload(let name, let id), .delete):
            _ = try await sessions.size(of: id, in: name)
            await sessions.cancel(id)
            try await storage.cancel(upload: id)
            return Response(status: .noContent)
        default: throw RegistryFault.unsupported
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
}

extension HTTPField.Name {
    static let apiVersion = HTTPField.Name(known: "Docker-Distribution-API-Version")
    static let contentDigest = HTTPField.Name(known: "Docker-Content-Digest")
    static let uploadID = HTTPField.Name(known: "Docker-Upload-UUID")
    static let subject = HTTPField.Name(known: "OCI-Subject")
    static let filtersApplied = HTTPField.Name(known: "OCI-Filters-Applied")
    static let link = HTTPField.Name(known: "Link")

    /// A name that is written in this program, and so is one.
    private init(known name: String) { self = HTTPField.Name(name) ?? .age }
}

extension String {
    /// The text with `%xx` replaced; itself where that gives no UTF-8.
    fileprivate var removingPercentEncoding: String {
        guard contains("%") else { return self }
        var bytes: [UInt8] = []
        var rest = utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
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
