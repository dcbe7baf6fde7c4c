import AsyncHTTPClient
public import ContainerImage
import HTTPTransport
import ImageStore
import LibC
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// Finds out what works with a registry, one step after the other; steps that need a failed one are skipped.
public struct RegistryDiagnosis: Sendable {
    private let client: RegistryClient
    private let registry: RegistryHost
    private let repository: Repository?
    private let pushes: Bool

    /// Creates a diagnosis, which asks nothing yet.
    ///
    /// - Parameters:
    ///   - client: Reaches the registry, with its login.
    ///   - repository: What is read from, and uploaded to; nil for the registry alone.
    ///   - pushes: Whether an upload is opened and cancelled, and a blob of two bytes uploaded.
    public init(of registry: RegistryHost, _ repository: Repository?, by client: RegistryClient, pushing pushes: Bool) {
        self.client = client
        self.registry = registry
        self.repository = repository
        self.pushes = pushes
    }

    /// Tries everything.
    ///
    /// - Throws: `CancellationError`; everything else is among the outcomes.
    public func checks() async throws -> [RegistryCheck] {
        var checks: [RegistryCheck] = []
        func add(_ subject: RegistryCheck.Subject, _ work: () async throws -> Finding) async throws {
            let finding: Finding
            do {
                finding = try await work()
            } catch {
                try Task.checkCancellation()
                finding = .failed(HintedText(describing: error))
            }
            checks.append(finding.check(subject))
        }
        let name: HintedText = "\(registry) can't be reached"
        func isDown(_ subject: RegistryCheck.Subject) -> Bool {
            checks.contains { $0.subject == subject && $0.outcome == .failed }
        }
        let place = try await self.place()
        let isProxied = client.pipeline.http.takesProxy(to: place)
        let proxied = Finding.skipped("requests go through a proxy")
        try await add(.name) { try await isProxied ? proxied : addresses(of: place) }
        try await add(.connection) {
            guard !isProxied else { return proxied }
            return try await isDown(.name) ? .skipped("the name is unknown") : connect(to: place)
        }
        try await add(.api) {
            try await isDown(.name) || isDown(.connection) ? .skipped(name) : version()
        }
        let isReached = checks.last?.outcome == .ok
        // Whether TLS is spoken at all shows only now.
        let spoken = try await self.place()
        let tls = await certificate(at: spoken, isProxied: isProxied, isDown: isDown(.name) || isDown(.connection))
        if case .untrusted = tls, !isReached {
            // Once will do for what is wrong and what helps.
            checks[checks.count - 1] = Finding.failed(Self.untrusted).check(.api)
        }
        checks.insert(tls.check(.tls), at: 2)
        let isTrusted = if case .untrusted = tls { false } else { true }
        let reason: HintedText = isReached ? "the login failed" : isTrusted ? name : Self.untrusted
        try await add(.login) { try await isReached ? login() : .skipped(reason) }
        let mayGoOn = isReached && !isDown(.login)
        try await add(.pull) { try await mayGoOn ? pull() : .skipped(reason) }
        var minimumChunk: Int64?
        try await add(.push) {
            guard mayGoOn else { return .skipped(reason) }
            return try await push(&minimumChunk)
        }
        try await add(.referrers) { try await mayGoOn ? referrers() : .skipped(reason) }
        try await add(.chunks) {
            guard let minimumChunk else { return .skipped("shows only when an upload is opened") }
            return .ok(minimumChunk == 0 ? "any size will do" : "at least \(ByteCount(minimumChunk)), but for the last")
        }
        return checks
    }

    private static let untrusted: HintedText = "the certificate is not accepted"

    /// What was found by one step.
    private enum Finding {
        case ok(HintedText)
        case failed(HintedText)
        case skipped(HintedText)
        /// A certificate that isn't accepted.
        case untrusted(HintedText)

        func check(_ subject: RegistryCheck.Subject) -> RegistryCheck {
            switch self {
            case .ok(let text): RegistryCheck(subject: subject, outcome: .ok, detail: text)
            case .failed(let text), .untrusted(let text):
                RegistryCheck(subject: subject, outcome: .failed, detail: text)
            case .skipped(let text): RegistryCheck(subject: subject, outcome: .skipped, detail: text)
            }
        }
    }

    /// Where requests go, as far as is known.
    private func place() async throws -> RegistryURL {
        try await client.pipeline.sessions.session(for: registry).url(for: .path("/v2/"))
    }

    private func addresses(of place: RegistryURL) async throws -> Finding {
        let (host, port) = place.hostAndPort
        let found = try await NIOThreadPool.singleton.runIfActive { () -> (texts: [String], error: String) in
            var hints = addrinfo()
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
            var list: UnsafeMutablePointer<addrinfo>?
            let status = getaddrinfo(host, "\(port)", &hints, &list)
            defer { if let list { freeaddrinfo(list) } }
            guard status == 0 else { return (texts: [String](), error: String(cString: gai_strerror(status))) }
            var texts: [String] = []
            var next = list
            while let entry = next {
                var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
                if getnameinfo(
                    entry.pointee.ai_addr,
                    entry.pointee.ai_addrlen,
                    &text,
                    socklen_t(text.count),
                    nil,
                    0,
                    NI_NUMERICHOST
                ) == 0 {
                    texts.append(String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))
                }
                next = entry.pointee.ai_next
            }
            return (texts, "it has no address")
        }
        guard !found.texts.isEmpty else {
            return .failed("\(host): \(found.error); check the name, and the DNS settings of this machine")
        }
        return .ok(HintedText(found.texts.joined(separator: ", ")))
    }

    private func connect(to place: RegistryURL) async throws -> Finding {
        let (host, port) = place.hostAndPort
        do {
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(.seconds(min(5, client.pipeline.options.silenceSeconds)))
                .connect(host: host, port: port)
                .get()
            let address = channel.remoteAddress?.ipAddress ?? host
            channel.close(promise: nil)
            return .ok("to \(address), port \(port)")
        } catch {
            let what = TransportFailure.explain(error, by: "the registry")
            return .failed("port \(port): \(what); check the port, and firewalls on the way")
        }
    }

    private func certificate(at place: RegistryURL, isProxied: Bool, isDown: Bool) async -> Finding {
        guard !isDown else { return .skipped("\(registry) can't be reached") }
        guard place.isSecure else { return .skipped("the registry is spoken to over plain http") }
        guard !isProxied else { return .skipped("requests go through a proxy") }
        if let problem = await certificateProblem(at: place) { return .untrusted(problem) }
        let limit = min(5, client.pipeline.options.silenceSeconds)
        guard let chain = try? await CertificateProblem.certificates(of: place, within: limit), let leaf = chain.first
        else {
            return .failed("the server shows no certificate: is this the port for https?")
        }
        let identities = (try? leaf.toDERBytes()).flatMap { try? CertificateNames(der: $0) }?.identities ?? "no host"
        let days = (Int64(leaf.notValidAfter) - Int64(time(nil))) / 86_400
        let day = CertificateProblem.day(leaf.notValidAfter)
        guard days >= 0 else { return .failed("for \(identities), expired on \(day): have it renewed") }
        let text: HintedText = "for \(identities), valid until \(day) (\(Count.text(Int(clamping: days), "day")))"
        return .ok(client.pipeline.http.verifiesCertificates(of: place) ? text : text + ", not verified")
    }

    /// What is wrong with the certificate for those who are to trust it; nil where it is accepted, or something else is
    /// wrong.
    private func certificateProblem(at place: RegistryURL) async -> HintedText? {
        do {
            let request = HTTPClientRequest(url: place.text)
            await (try client.pipeline.http.execute(request, to: place)).discardBody()
            return nil
        } catch {
            guard TransportFailure.isCertificateFailure(error) else { return nil }
            return await CertificateProblem.find(at: place, after: error, mayConnect: true).message
        }
    }

    /// Whether the protocol is spoken; a refusal for want of a login tells as well (distribution specification,
    /// "Determining Support").
    private func version() async throws -> Finding {
        var request = RegistryRequest(
            method: .GET,
            repository: try repository ?? Repository("\(registry)/library/app"),
            target: .path("/v2/"),
            actions: "",
            accepted: [200, 401, 403]
        )
        request.needsScope = false
        let session = await client.pipeline.sessions.session(for: registry)
        let (response, url) = try await client.pipeline.reach(request, nil, in: session)
        await response.discardBody()
        guard [200, 401, 403].contains(response.status.code) else {
            return .failed("GET \(url): status \(response.status.code); is this a registry?")
        }
        // A registry answers with JSON, or with nothing.
        guard response.status != .ok || !RequestPipeline.Response(head: response, url: url).isPage else {
            return .failed("GET \(url): got an HTML page; is this a registry, or is a captive portal in the way?")
        }
        let version = response.headers.first(name: "docker-distribution-api-version")
        return .ok("\(url)\(version.map { ", \($0.prefix(40))" } ?? "")")
    }

    private func login() async throws -> Finding {
        let repository = try repository ?? Repository("\(registry)/library/app")
        let credential = try await client.pipeline.credentials.credential(for: repository)
        let isAsked = try await client.checkLogin(at: repository)
        guard let credential else {
            return isAsked ? .ok("everybody gets a token") : .skipped("nobody is logged in, and no login is asked for")
        }
        return .ok(isAsked ? "accepted \(credential.shown)" : "not asked for \(credential.shown)")
    }

    private func pull() async throws -> Finding {
        guard let repository else { return .skipped("name a repository to try: \(registry)/app") }
        do {
            let tags = try await client.repository(repository).tags()
            return .ok("\(repository) has \(tags.count) \(tags.count == 1 ? "tag" : "tags")")
        } catch let error as RegistryError where error.status == 404 {
            return .ok("there is no \(repository) yet")
        }
    }

    private func push(_ minimumChunk: inout Int64?) async throws -> Finding {
        guard let repository else { return .skipped("name a repository to try: \(registry)/app") }
        guard pushes else { return .skipped("\(hint: .allowPush, after: "only where it is allowed: ")") }
        let remote = client.repository(repository)
        let opened: OpenUpload?
        do {
            opened = try await remote.openUpload()
        } catch let error as RegistryError where error.status == 405 {
            return .failed("\(error); it takes no uploads: push to another registry")
        }
        guard let upload = opened else { return .failed("no upload could be opened") }
        minimumChunk = upload.minimumChunk
        var cancel = remote.request(.DELETE, "", actions: "pull,push", accepted: [200, 202, 204, 404, 405])
        cancel.target = .address(upload.location.text)
        let isCancelled = (try? await client.pipeline.send(cancel)) != nil
        let bytes = Array("{}".utf8)
        let blob = Descriptor(mediaType: .emptyJSON, digest: Digest(of: bytes), size: Int64(bytes.count))
        try await remote.upload(blob, from: BytesSource(bytes: bytes), counting: nil)
        return .ok(
            "opened an upload\(isCancelled ? " and cancelled it" : ", which couldn't be cancelled"); uploaded a blob of 2 bytes"
        )
    }

    private func referrers() async throws -> Finding {
        guard let repository else { return .skipped("name a repository to try: \(registry)/app") }
        let remote = client.repository(repository)
        let unknown = Digest(of: Array("{}".utf8))
        let request = remote.request(
            .GET,
            "referrers/\(unknown)",
            headers: ["accept": MediaType.ociIndex.text],
            accepted: [200, 400, 404, 405, 501]
        )
        let (response, _) = try await client.pipeline.collect(request, limit: RawManifest.sizeLimit)
        let hasAPI = response.status == .ok && response.mediaType == MediaType.ociIndex
        return .ok(hasAPI ? "the registry lists them" : "the registry lists none; tags are used instead")
    }
}

/// A blob in memory.
private struct BytesSource: ImageSource {
    let bytes: [UInt8]
    var name: String { "memory" }

    func manifest(_ digest: Digest) async throws -> RawManifest {
        throw BlobError.otherDigest(digest, received: digest)
    }

    func content(of blob: Descriptor, from offset: Int64) async throws -> BlobBody {
        BlobBody(bytes.dropFirst(Int(clamping: offset)))
    }
}
