import ContainerImage
import FoundationEssentials
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOPosix
import RegistryClient
import Synchronization

/// A request as a registry sees it.
struct SeenRequest: Sendable {
    var method: String
    /// With the query.
    var path: String
    var authorization: String?
    var contentType: String?
    /// A chunk's `Content-Range`.
    var contentRange: String?
    var body: [UInt8]

    /// `METHOD PATH`.
    var line: String { "\(method) \(path)" }
}

/// An answer to a request.
struct Answer: Sendable {
    var status: Int
    var headers: [String: String] = [:]
    var body: [UInt8] = []

    init(_ status: Int, _ headers: [String: String] = [:], _ text: String = "") {
        self.status = status
        self.headers = headers
        body = Array(text.utf8)
    }

    /// A refusal as registries give it.
    static func refusal(_ status: Int, _ code: String, _ message: String = "no") -> Answer {
        Answer(
            status,
            ["Content-Type": "application/json"],
            #"{"errors":[{"code":"\#(code)","message":"\#(message)"}]}"#
        )
    }
}

/// A registry in this process, on loopback, that keeps what it gets in memory and answers as a test wants it to.
final class ScriptedRegistry: Sendable {
    /// What a test makes of a request: nil leaves it to the registry.
    typealias Bend = @Sendable (_ request: SeenRequest, _ registry: ScriptedRegistry) -> Answer?
    /// What a test makes of the registry's answer.
    typealias Change = @Sendable (_ request: SeenRequest, _ answer: inout Answer) -> Void

    struct Manifest: Sendable {
        var bytes: [UInt8]
        var type: String
    }

    /// What is in it; the keys are `REPOSITORY@DIGEST` and `REPOSITORY:TAG`.
    struct State: Sendable {
        var blobs: [String: [UInt8]] = [:]
        var manifests: [String: Manifest] = [:]
        var tags: [String: String] = [:]
        var uploads: [String: [UInt8]] = [:]
        var requests: [SeenRequest] = []
    }

    let port: Int
    private let state = Mutex(State())
    private let bend: Bend
    private let change: Change

    private init(port: Int, bend: @escaping Bend, change: @escaping Change) {
        self.port = port
        self.bend = bend
        self.change = change
    }

    var host: String { "127.0.0.1:\(port)" }

    /// Runs `body` while a registry serves.
    static func serving<Value: Sendable>(
        bending bend: @escaping Bend = { _, _ in nil },
        changing change: @escaping Change = { _, _ in },
        _ body: @Sendable (ScriptedRegistry) async throws -> Value
    ) async throws -> Value {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 256)
            .bind(host: "127.0.0.1", port: 0) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(HTTP1ToHTTPServerCodec(secure: false))
                    return try NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>(wrappingChannelSynchronously: channel)
                }
            }
        let registry = ScriptedRegistry(
            port: server.channel.localAddress?.port ?? 0,
            bend: bend,
            change: change
        )
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await server.executeThenClose { connections in
                    try await withThrowingDiscardingTaskGroup { group in
                        for try await connection in connections {
                            group.addTask { try? await registry.serve(connection) }
                        }
                        group.cancelAll()
                    }
                }
            }
            let result: Result<Value, any Error>
            do {
                result = .success(try await body(registry))
            } catch {
                result = .failure(error)
            }
            // What was accepted must be served, if only to be closed: so no more is accepted before all of it ends.
            try? await server.channel.close()
            try? await group.waitForAll()
            return try result.get()
        }
    }

    private func serve(_ connection: NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>) async throws {
        try await connection.executeThenClose { inbound, outbound in
            var head: HTTPRequest?
            var body: [UInt8] = []
            for try await part in inbound {
                switch part {
                case .head(let request): (head, body) = (request, [])
                case .body(let buffer): body += buffer.readableBytesView
                case .end:
                    guard let head else { return }
                    let request = SeenRequest(
                        method: head.method.rawValue,
                        path: head.path ?? "/",
                        authorization: head.headerFields[.authorization],
                        contentType: head.headerFields[.contentType],
                        contentRange: head.headerFields[.contentRange],
                        body: body
                    )
                    let answer = answer(request)
                    var response = HTTPResponse(status: .init(code: answer.status))
                    for (name, value) in answer.headers {
                        if let name = HTTPField.Name(name) { response.headerFields[name] = value }
                    }
                    let isMeasured = response.headerFields[.transferEncoding] == nil
                    if isMeasured, response.headerFields[.contentLength] == nil, answer.status != 204 {
                        response.headerFields[.contentLength] = "\(answer.body.count)"
                    }
                    try await outbound.write(.head(response))
                    if request.method != "HEAD", !answer.body.isEmpty {
                        try await outbound.write(.body(ByteBuffer(bytes: answer.body)))
                    }
                    try await outbound.write(.end(nil))
                }
            }
        }
    }

    private func answer(_ request: SeenRequest) -> Answer {
        state.withLock { $0.requests.append(request) }
        var answer = bend(request, self) ?? state.withLock { Self.plainAnswer(request, &$0) }
        change(request, &answer)
        return answer
    }

    /// What is in the registry.
    var content: State { state.withLock(\.self) }
    func alter(_ body: (inout State) -> Void) { state.withLock { body(&$0) } }

    /// The requests so far, `METHOD PATH`.
    var lines: [String] { content.requests.map(\.line) }

    // MARK: A registry as it should be

    private static func plainAnswer(_ request: SeenRequest, _ state: inout State) -> Answer {
        let (path, query) = split(request.path)
        guard let match = path.wholeMatch(of: /\/v2\/(.+?)\/(manifests|blobs|tags|referrers)\/(.*)/) else {
            return Answer(path.hasPrefix("/v2") ? 200 : 404, ["Content-Type": "application/json"], "{}")
        }
        let (name, rest) = (String(match.1), String(match.3))
        switch match.2 {
        case "blobs" where rest.hasPrefix("uploads"): return upload(request, name, rest, query, &state)
        case "blobs":
            guard let bytes = state.blobs["\(name)@\(rest)"] else { return .refusal(404, "BLOB_UNKNOWN") }
            var answer = Answer(200, ["Content-Type": "application/octet-stream", "Docker-Content-Digest": rest])
            answer.body = bytes
            answer.headers["Content-Length"] = "\(bytes.count)"
            return answer
        case "tags":
            let tags = state.tags.keys.filter { $0.hasPrefix(name + ":") }.map { $0.dropFirst(name.count + 1) }
            guard !tags.isEmpty else { return .refusal(404, "NAME_UNKNOWN") }
            let list = tags.sorted().map { "\"\($0)\"" }.joined(separator: ",")
            return Answer(200, ["Content-Type": "application/json"], #"{"name":"x","tags":[\#(list)]}"#)
        case "manifests": return manifest(request, name, rest, &state)
        default: return Answer(404)
        }
    }

    private static func split(_ path: String) -> (path: String, query: [String: String]) {
        let halves = path.split(separator: "?", maxSplits: 1)
        var query: [String: String] = [:]
        for item in (halves.count > 1 ? halves[1] : "").split(separator: "&") {
            let pair = item.split(separator: "=", maxSplits: 1)
            query[String(pair[0])] =
                pair.count > 1 ? String(pair[1]).replacing("%3A", with: ":").replacing("%2F", with: "/") : ""
        }
        return (String(halves.first ?? ""), query)
    }

    private static func manifest(
        _ request: SeenRequest,
        _ name: String,
        _ reference: String,
        _ state: inout State
    ) -> Answer {
        if request.method == "PUT" {
            let digest = Digest(of: request.body).description
            if let parsed = try? RawManifest(mediaType: .ociManifest, bytes: request.body).parsed(),
                case .image(let image) = parsed,
                let lost = (image.layers + [image.config]).first(where: { state.blobs["\(name)@\($0.digest)"] == nil })
            {
                return .refusal(404, "MANIFEST_BLOB_UNKNOWN", "\(lost.digest)")
            }
            state.manifests["\(name)@\(digest)"] = Manifest(bytes: request.body, type: request.contentType ?? "")
            if !reference.contains(":") { state.tags["\(name):\(reference)"] = digest }
            return Answer(201, ["Docker-Content-Digest": digest])
        }
        let digest = reference.contains(":") ? reference : state.tags["\(name):\(reference)"] ?? ""
        guard let manifest = state.manifests["\(name)@\(digest)"] else { return .refusal(404, "MANIFEST_UNKNOWN") }
        var answer = Answer(200, ["Content-Type": manifest.type, "Docker-Content-Digest": digest])
        answer.body = manifest.bytes
        answer.headers["Content-Length"] = "\(manifest.bytes.count)"
        return answer
    }

    private static func upload(
        _ request: SeenRequest,
        _ name: String,
        _ rest: String,
        _ query: [String: String],
        _ state: inout State
    ) -> Answer {
        let session = rest.split(separator: "/").dropFirst().first.map(String.init) ?? ""
        switch request.method {
        case "POST":
            if let digest = query["mount"], let origin = query["from"], let bytes = state.blobs["\(origin)@\(digest)"] {
                state.blobs["\(name)@\(digest)"] = bytes
                return Answer(201, ["Location": "/v2/\(name)/blobs/\(digest)"])
            }
            let session = "u\(state.requests.count)"
            state.uploads[session] = []
            return Answer(202, ["Location": "/v2/\(name)/blobs/uploads/\(session)"])
        case "PATCH":
            guard let size = state.uploads[session]?.count else { return .refusal(404, "BLOB_UPLOAD_UNKNOWN") }
            if let range = request.contentRange, range != "\(size)-\(size + request.body.count - 1)" {
                return Answer(416, ["Range": "0-\(max(size - 1, 0))"])
            }
            state.uploads[session]? += request.body
            let headers = [
                "Location": "/v2/\(name)/blobs/uploads/\(session)?part=2",
                "Range": "0-\(max(size + request.body.count - 1, 0))",
            ]
            return Answer(202, headers)
        case "GET":
            guard let size = state.uploads[session]?.count else { return .refusal(404, "BLOB_UPLOAD_UNKNOWN") }
            return Answer(
                204,
                ["Location": "/v2/\(name)/blobs/uploads/\(session)?part=3", "Range": "0-\(max(size - 1, 0))"]
            )
        case "PUT":
            guard let before = state.uploads.removeValue(forKey: session) else {
                return .refusal(404, "BLOB_UPLOAD_UNKNOWN")
            }
            let bytes = before + request.body
            guard Digest(of: bytes).description == query["digest"] else { return .refusal(400, "DIGEST_INVALID") }
            state.blobs["\(name)@\(query["digest"] ?? "")"] = bytes
            return Answer(201)
        default:
            state.uploads[session] = nil
            return Answer(204)
        }
    }

    // MARK: Images

    /// Puts an image of these layers into the registry.
    @discardableResult
    func put(
        _ repository: String,
        layers: [String],
        tag: String? = nil,
        config: String = #"{"os":"linux","architecture":"amd64"}"#,
        more: String = ""
    ) -> RawManifest {
        func blob(_ text: String, _ type: String) -> String {
            let bytes = Array(text.utf8)
            let digest = Digest(of: bytes)
            alter { $0.blobs["\(repository)@\(digest)"] = bytes }
            return #"{"mediaType":"\#(type)","digest":"\#(digest)","size":\#(bytes.count)}"#
        }
        let listed = layers.map { blob($0, "application/vnd.oci.image.layer.v1.tar+gzip") }.joined(separator: ",")
        let text =
            #"{"schemaVersion":2,"mediaType":"\#(MediaType.ociManifest)","config":"#
            + blob(config, "application/vnd.oci.image.config.v1+json") + #","layers":[\#(listed)]\#(more)}"#
        return put(repository, text, .ociManifest, tag: tag)
    }

    /// Puts a manifest of any kind into the registry.
    @discardableResult
    func put(_ repository: String, _ text: String, _ type: MediaType, tag: String? = nil) -> RawManifest {
        let manifest = RawManifest(mediaType: type, bytes: Array(text.utf8))
        alter { state in
            state.manifests["\(repository)@\(manifest.digest)"] = Manifest(bytes: manifest.bytes, type: type.text)
            if let tag { state.tags["\(repository):\(tag)"] = manifest.digest.description }
        }
        return manifest
    }

    /// Runs `body` with a client that loses no time, and one of the registry's repositories.
    func client<Value: Sendable>(
        _ variables: [String: String] = [:],
        retries: Int = 4,
        chunking: UploadChunking = .automatic,
        _ body: (RegistryClient) async throws -> Value
    ) async throws -> Value {
        var options = RegistryOptions()
        options.uploadChunking = chunking
        options.retries.attempts = retries + 1
        options.retries.firstDelayMilliseconds = 2
        options.digestTag = Tag.kbldDigestTag
        let credentials = CredentialStore(variables: variables, prefix: "REGISTRY")
        return try await RegistryClient.withClient(options: options, credentials: credentials, body)
    }

    func repository(_ path: String) throws -> Repository { try Repository("\(host)/\(path)") }
}
