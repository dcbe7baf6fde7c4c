import ContainerImage
import FoundationEssentials
import ImageStore
import RegistryClient
import TestSupport
import Testing

@Suite("Logins that registries reject")
struct LoginTrialsTests {
    private static func basic(_ password: String) -> String {
        "Basic " + Data("alice:\(password)".utf8).base64EncodedString()
    }

    private static func variables(_ host: String) -> [String: String] {
        ["REGISTRY_HOSTNAME": host, "REGISTRY_USERNAME": "alice", "REGISTRY_PASSWORD": "s3cret-pw"]
    }

    /// How a registry wants to be shown logins.
    enum Kind: CaseIterable {
        case basic
        case token
        /// `/v2/` lets everybody in.
        case basicLate
    }

    /// A registry where `password` alone is right, except for what is below `closed/`.
    private static func answer(
        _ request: SeenRequest,
        _ registry: ScriptedRegistry,
        _ kind: Kind,
        password: String
    ) -> Answer? {
        if request.path.hasPrefix("/token") {
            guard request.authorization == basic(password), !request.path.contains("closed") else {
                return .refusal(401, "UNAUTHORIZED", "wrong password")
            }
            return Answer(200, ["Content-Type": "application/json"], #"{"token":"good"}"#)
        }
        if kind == .basicLate, request.path == "/v2/" { return nil }
        let isToken = kind == .token
        let challenge =
            isToken ? #"Bearer realm="http://\#(registry.host)/token",service="lab""# : #"Basic realm="lab""#
        let isKnown = request.authorization == (isToken ? "Bearer good" : basic(password))
        guard isKnown, !request.path.contains("/closed/") else {
            return Answer(401, ["WWW-Authenticate": challenge])
        }
        return nil
    }

    private static func sent(to registry: ScriptedRegistry) -> [SeenRequest] {
        registry.content.requests.filter { $0.authorization?.hasPrefix("Basic ") == true }
    }

    @Test("a wrong password is sent once, however many images there are", arguments: Kind.allCases)
    func once(kind: Kind) async throws {
        try await ScriptedRegistry.serving { request, registry in
            Self.answer(request, registry, kind, password: "another")
        } _: { registry in
            try await registry.client(Self.variables(registry.host)) { client in
                let repositories = try (0..<30).map { client.repository(try registry.repository("a/b\($0)")) }
                let tag = try Tag("1")
                await withTaskGroup(of: RegistryError?.self) { group in
                    for repository in repositories {
                        group.addTask {
                            do {
                                _ = try await repository.resolve(tag)
                                return nil
                            } catch {
                                return error as? RegistryError
                            }
                        }
                    }
                    for await error in group {
                        #expect(error?.status == 401)
                        #expect(error?.description.contains("rejects the login of user 'alice'") == true)
                        #expect(error?.isLoginRejected == true && error?.mayMeanAbsence == false)
                    }
                }
            }
            #expect(Self.sent(to: registry).count == 1, "\(registry.lines)")
        }
    }

    @Test("a wrong password ends all that might be tried in another way", arguments: Kind.allCases)
    func otherWays(kind: Kind) async throws {
        try await ScriptedRegistry.serving { request, registry in
            Self.answer(request, registry, kind, password: "another")
        } _: { registry in
            try await registry.client(Self.variables(registry.host)) { client in
                let repository = client.repository(try registry.repository("a/b"))
                let blob = Descriptor(.octetStream, of: Array("x".utf8))
                let tag = try Tag("1")
                await #expect(throws: RegistryError.self) { try await repository.descriptor(of: tag) }
                await #expect(throws: RegistryError.self) { try await repository.presence(of: blob.digest) }
                await #expect(throws: RegistryError.self) { try await repository.contains(blob) }
                await #expect(throws: RegistryError.self) {
                    try await repository.contains(manifest: blob.digest, tag: tag)
                }
                await #expect(throws: RegistryError.self) { try await repository.referrers(of: blob.digest) }
            }
            // A destination's scope is another one.
            #expect(Self.sent(to: registry).count <= 2, "\(registry.lines)")
        }
    }

    @Test("a repository that isn't open to a login is no reason against the login", arguments: Kind.allCases)
    func closedRepository(kind: Kind) async throws {
        try await ScriptedRegistry.serving { request, registry in
            Self.answer(request, registry, kind, password: "s3cret-pw")
        } _: { registry in
            registry.put("open/b", layers: ["x"], tag: "1")
            try await registry.client(Self.variables(registry.host)) { client in
                let tag = try Tag("1")
                let closed = client.repository(try registry.repository("closed/a"))
                let open = client.repository(try registry.repository("open/b"))
                let first = await #expect(throws: RegistryError.self) { try await closed.resolve(tag) }
                #expect(first?.isLoginRejected == true)
                #expect(try await open.descriptor(of: tag) != nil)
                let second = await #expect(throws: RegistryError.self) { try await closed.resolve(tag) }
                #expect(second?.isLoginRejected == false, "the login was accepted in between")
            }
        }
    }

    @Test("a login that the registry couldn't look at is sent again", arguments: [429, 503])
    func undecided(status: Int) async throws {
        try await ScriptedRegistry.serving { request, registry in
            let seen = Self.sent(to: registry).count
            if request.authorization != nil, seen == 1 { return Answer(status) }
            return Self.answer(request, registry, .basic, password: "s3cret-pw")
        } _: { registry in
            for number in 0..<5 { registry.put("a/b\(number)", layers: ["x"], tag: "1") }
            try await registry.client(Self.variables(registry.host)) { client in
                let tag = try Tag("1")
                try await (0..<5).concurrentForEach(atMost: 5) { number in
                    let repository = client.repository(try registry.repository("a/b\(number)"))
                    #expect(try await repository.descriptor(of: tag) != nil)
                }
            }
        }
    }
}
