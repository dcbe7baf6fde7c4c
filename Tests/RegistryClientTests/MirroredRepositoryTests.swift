import ContainerImage
import FoundationEssentials
import ImageStore
import MirrorRouting
import RegistryClient
import Synchronization
import Testing

@Suite("Reading by way of mirrors")
struct MirroredRepositoryTests {
    private static let basic = "Basic " + Data("alice:s3cret-pw".utf8).base64EncodedString()

    private static func variables(_ host: String) -> [String: String] {
        ["REGISTRY_HOSTNAME": host, "REGISTRY_USERNAME": "alice", "REGISTRY_PASSWORD": "s3cret-pw"]
    }

    /// Leaves out the last byte of a blob, whose length isn't told.
    @Sendable private static func breakOff(_ request: SeenRequest, _ answer: inout Answer) {
        guard request.path.contains("/blobs/"), !answer.body.isEmpty else { return }
        answer.headers["Content-Length"] = nil
        answer.headers["Transfer-Encoding"] = "chunked"
        answer.body.removeLast()
    }

    /// Runs `body` with a repository of `origin` that is read by way of `mirrors`, and the log.
    private func reading(
        _ origin: ScriptedRegistry,
        by mirrors: [ScriptedRegistry],
        only: Bool = false,
        _ variables: [String: String] = [:],
        _ body: @Sendable (MirroredRepository, @Sendable () -> [String]) async throws -> Void
    ) async throws {
        var rules = MirrorRules()
        try rules.add(mirrors.map { "\(origin.host)=\($0.host)" })
        rules.isMirrorOnly = only
        let lines = Mutex<[String]>([])
        let (mirrored, name) = (rules, try origin.repository("a/b"))
        try await origin.client(variables) { client in
            let registry = MirroredRegistry(client, rules: mirrored) { line in lines.withLock { $0.append("\(line)") } }
            try await body(registry.repository(name)) { lines.withLock(\.self) }
        }
    }

    @Test(
        "what a mirror has not comes from the next, and what it has is asked of nobody else",
        arguments: [404, 401, 403, 500]
    )
    func nextMirror(status: Int) async throws {
        try await ScriptedRegistry.serving { origin in
            try await ScriptedRegistry.serving { _, _ in
                .refusal(status, "NO")
            } _: { first in
                try await ScriptedRegistry.serving { second in
                    let digest = second.put("a/b", layers: ["x"], tag: "1").digest
                    let tag = try Tag("1")
                    try await reading(origin, by: [first, second]) { repository, lines in
                        let resolved = try await repository.resolve(tag)
                        #expect(resolved.digest == digest)
                        let manifest = try await repository.manifest(digest)
                        #expect(manifest.digest == digest)
                        let lines = lines()
                        #expect(lines.last == "mirror \(second.host) gave \(origin.host)/a/b:1")
                        let refusal = "mirror \(first.host) is passed over: "
                        #expect(
                            lines.count { $0.hasPrefix(refusal) && $0.contains("\(status)") } == (status == 404 ? 0 : 1)
                        )
                        #expect(lines.count == (status == 404 ? 1 : 2))
                        #expect(repository.name == "\(origin.host)/a/b")
                    }
                    #expect(origin.lines.isEmpty)
                    #expect(first.lines.filter { $0.contains("/manifests/") }.count <= 3)
                }
            }
        }
    }

    @Test("the registry itself is asked in the end; not where mirrors alone are meant")
    func origin() async throws {
        try await ScriptedRegistry.serving { origin in
            try await ScriptedRegistry.serving { mirror in
                let digest = origin.put("a/b", layers: ["x"], tag: "1").digest
                try await reading(origin, by: [mirror]) { repository, lines in
                    let manifest = try await repository.manifest(digest)
                    #expect(manifest.digest == digest)
                    let tags = try await repository.tags()
                    #expect(tags == ["1"])
                    #expect(lines().isEmpty)
                }
                let asked = origin.lines.count
                try await reading(origin, by: [mirror], only: true) { repository, _ in
                    await #expect(throws: RegistryError.self) { try await repository.manifest(digest) }
                }
                #expect(origin.lines.count == asked)
            }
        }
    }

    @Test("a login goes to its own host, and never to a mirror")
    func logins() async throws {
        try await ScriptedRegistry.serving { request, _ in
            request.authorization == Self.basic ? nil : Answer(401, ["WWW-Authenticate": #"Basic realm="x""#])
        } _: { origin in
            try await ScriptedRegistry.serving { request, _ in
                request.authorization == nil ? Answer(401, ["WWW-Authenticate": #"Basic realm="x""#]) : nil
            } _: { mirror in
                let digest = origin.put("a/b", layers: ["x"], tag: "1").digest
                try await reading(origin, by: [mirror], Self.variables(origin.host)) { repository, _ in
                    let manifest = try await repository.manifest(digest)
                    #expect(manifest.digest == digest)
                }
                #expect(!mirror.content.requests.isEmpty)
                #expect(mirror.content.requests.allSatisfy { $0.authorization == nil })
                #expect(origin.content.requests.contains { $0.authorization == Self.basic })
            }
        }
    }

    @Test("bytes that aren't those of the digest are passed over")
    func otherBytes() async throws {
        try await ScriptedRegistry.serving { origin in
            try await ScriptedRegistry.serving { request, _ in
                request.path.contains("/manifests/")
                    ? Answer(200, ["Content-Type": "application/vnd.oci.image.manifest.v1+json"], "{}") : nil
            } _: { mirror in
                let digest = origin.put("a/b", layers: ["x"]).digest
                try await reading(origin, by: [mirror]) { repository, _ in
                    let manifest = try await repository.manifest(digest)
                    #expect(manifest.digest == digest)
                }
            }
        }
    }

    @Test("where the last mirror breaks off in a layer nobody else is asked, if mirrors alone are meant")
    func brokenLayer() async throws {
        try await ScriptedRegistry.serving { origin in
            try await ScriptedRegistry.serving(changing: Self.breakOff) { mirror in
                let manifest = mirror.put("a/b", layers: ["0123456789"])
                try await reading(origin, by: [mirror], only: true) { repository, _ in
                    guard case .image(let image) = try manifest.parsed() else { return }
                    let body = try await repository.content(of: image.layers[0], from: 0)
                    await #expect(throws: (any Error).self) {
                        for try await _ in body {}
                    }
                }
                #expect(origin.lines.isEmpty)
                #expect(mirror.lines.contains { $0.contains("/blobs/") })
            }
        }
    }

    @Test("a mirror that gave other bytes as a blob isn't asked for it again", arguments: [false, true])
    func otherBlob(only: Bool) async throws {
        try await ScriptedRegistry.serving { origin in
            try await ScriptedRegistry.serving(changing: { request, answer in
                if request.path.contains("/blobs/"), !answer.body.isEmpty { answer.body[0] ^= 1 }
            }) { mirror in
                _ = mirror.put("a/b", layers: ["0123456789"])
                let manifest = origin.put("a/b", layers: ["0123456789"])
                try await reading(origin, by: [mirror], only: only) { repository, lines in
                    guard case .image(let image) = try manifest.parsed() else { return }
                    let bytes = try? await repository.bytes(of: image.layers[0])
                    #expect(bytes == (only ? nil : Array("0123456789".utf8)))
                    let told = "mirror \(mirror.host) gave other bytes than those of blob \(image.layers[0].digest)"
                    #expect(lines() == [told])
                    let again = try? await repository.bytes(of: image.layers[0])
                    #expect(again == bytes)
                }
                #expect(origin.lines.count { $0.contains("/blobs/") } == (only ? 0 : 2))
                #expect(mirror.lines.count { $0.contains("/blobs/") } == (only ? 2 : 1))
            }
        }
    }

    @Test("what is pushed, and what is asked to push, goes to the registry itself")
    func pushing() async throws {
        try await ScriptedRegistry.serving { origin in
            try await ScriptedRegistry.serving { mirror in
                let digest = mirror.put("a/b", layers: ["x"], tag: "1").digest
                try await reading(origin, by: [mirror]) { repository, _ in
                    let isThere = try await repository.contains(manifest: digest)
                    #expect(isThere == false)
                }
                #expect(mirror.lines.isEmpty)
            }
        }
    }

    @Test("after three failures a mirror isn't asked any more")
    func health() throws {
        let (health, host) = (MirrorHealth(), try RegistryHost("a.test"))
        #expect(!health.failed(host) && !health.failed(host) && health.isUp(host))
        health.answered(host)
        #expect(!health.failed(host) && !health.failed(host) && health.failed(host) && !health.isUp(host))
        #expect(!health.failed(host))
    }

    @Test("a mirror that asks for a pause is passed over at once, and isn't asked before its end")
    func pause() async throws {
        try await ScriptedRegistry.serving { origin in
            try await ScriptedRegistry.serving { _, _ in
                Answer(429, ["Retry-After": "100"])
            } _: { mirror in
                let digests = (0..<3).map { origin.put("a/b", layers: ["\($0)"]).digest }
                try await reading(origin, by: [mirror]) { repository, lines in
                    for digest in digests {
                        let manifest = try await repository.manifest(digest)
                        #expect(manifest.digest == digest)
                    }
                    #expect(lines().count == 1)
                }
                #expect(mirror.lines.count { $0.contains("/manifests/") } == 1)
            }
        }
    }

    @Test("a mirror that breaks off in three layers isn't asked any more, and that is told")
    func breaks() async throws {
        try await ScriptedRegistry.serving { origin in
            try await ScriptedRegistry.serving(changing: Self.breakOff) { mirror in
                let layers = (0..<5).map { "layer \($0)" }
                _ = mirror.put("a/b", layers: layers)
                let manifest = origin.put("a/b", layers: layers)
                try await reading(origin, by: [mirror]) { repository, lines in
                    guard case .image(let image) = try manifest.parsed() else { return }
                    for (layer, text) in zip(image.layers, layers) {
                        let bytes = try await repository.bytes(of: layer)
                        #expect(bytes == Array(text.utf8))
                    }
                    let lines = lines()
                    #expect(lines.count == 2 && lines[0].hasPrefix("mirror \(mirror.host) broke off in a layer: "))
                    #expect(lines.last == "mirror \(mirror.host) breaks off and isn't asked any more")
                }
                #expect(mirror.lines.count { $0.contains("/blobs/") } == 3)
            }
        }
    }
}
