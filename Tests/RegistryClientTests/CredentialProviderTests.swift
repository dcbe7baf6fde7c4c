import ContainerImage
import FoundationEssentials
import ImageStore
import RegistryClient
import Synchronization
import TestSupport
import Testing

@Suite("Logins of any provider")
struct CredentialProviderTests {
    private static let login = Credential.password(username: "alice", password: "s3cret-pw")
    private static let basic = "Basic " + Data("alice:s3cret-pw".utf8).base64EncodedString()

    /// A provider of a program's own.
    private struct Provider: CredentialProvider {
        var answer: @Sendable (Repository) async throws -> Credential?

        func credential(for repository: Repository) async throws -> Credential? { try await answer(repository) }
    }

    private struct Locked: Error, CustomStringConvertible {
        var description: String { "the key store is locked" }
    }

    /// Wants to be shown the login.
    private static func guarded(_ request: SeenRequest, _: ScriptedRegistry) -> Answer? {
        request.authorization == basic ? nil : Answer(401, ["WWW-Authenticate": #"Basic realm="x""#])
    }

    private static func options(retries: Int = 0) -> RegistryOptions {
        var options = RegistryOptions()
        options.retries.attempts = retries + 1
        options.retries.firstDelayMilliseconds = 2
        return options
    }

    @Test("a login is for the registry that it was given for, and for no other port or host")
    func hosts() throws {
        let credentials = StaticCredentials(
            username: "alice",
            password: "s3cret-pw",
            for: try RegistryHost("reg.test:5000")
        )
        #expect(!credentials.isEmpty)
        #expect(credentials.credential(for: try Repository("reg.test:5000/a")) == Self.login)
        #expect(credentials.credential(for: try Repository("REG.test:5000/b/c")) == Self.login)
        for other in [
            "reg.test/a", "reg.test:5001/a", "www.reg.test:5000/a", "test:5000/a", "aa",
        ] {
            #expect(credentials.credential(for: try Repository(other)) == nil, "\(other)")
        }
        #expect(StaticCredentials([:]).isEmpty)
        #expect(StaticCredentials(Self.login, for: .dockerHub).credential(for: try Repository("nginx")) == Self.login)
    }

    @Test("the first provider with a login counts, and none is none")
    func order() async throws {
        let repository = try Repository("reg.test/a")
        let token = StaticCredentials(.registryToken("t"), for: repository.registry)
        let password = StaticCredentials(Self.login, for: repository.registry)
        let other = StaticCredentials(Self.login, for: .dockerHub)
        #expect(try await CredentialStore([other, token, password]).credential(for: repository) == .registryToken("t"))
        #expect(try await CredentialStore([password, token]).credential(for: repository) == Self.login)
        #expect(await CredentialStore([other, token]).hasLogin(for: repository))
        #expect(await !CredentialStore([other]).hasLogin(for: repository))
        #expect(CredentialStore.anonymous.isEmpty && !CredentialStore([other]).isEmpty)
        #expect(try await CredentialStore.anonymous.credential(for: repository) == nil)
    }

    @Test("a login goes to its registry alone")
    func scope() async throws {
        try await ScriptedRegistry.serving(bending: Self.guarded) { registry in
            try await ScriptedRegistry.serving(bending: Self.guarded) { other in
                let digest = registry.put("a/b", layers: ["x"], tag: "1").digest
                let credentials = StaticCredentials(Self.login, for: try RegistryHost(registry.host))
                try await RegistryClient.withClient(options: Self.options(), credentials: credentials) { client in
                    let found = try await client.repository(try registry.repository("a/b")).resolve(Tag("1"))
                    #expect(found.digest == digest)
                    let error = await #expect(throws: RegistryError.self) {
                        try await client.repository(try other.repository("a/b")).resolve(Tag("1"))
                    }
                    #expect(error?.status == 401)
                }
                #expect(other.content.requests.count > 0)
                #expect(other.content.requests.allSatisfy { $0.authorization == nil })
            }
        }
    }

    @Test("a login doesn't follow a redirect to another registry")
    func redirect() async throws {
        try await ScriptedRegistry.serving { registry in
            try await ScriptedRegistry.serving { request, _ in
                if let refusal = Self.guarded(request, registry) { return refusal }
                return request.path.contains("/blobs/")
                    ? Answer(307, ["Location": "http://\(registry.host)\(request.path)"]) : nil
            } _: { first in
                let image = registry.put("a/b", layers: ["x"])
                let layer = try #require(try image.layers.first)
                let credentials = StaticCredentials([
                    try RegistryHost(first.host): Self.login, try RegistryHost(registry.host): .registryToken("other"),
                ])
                try await RegistryClient.withClient(options: Self.options(), credentials: credentials) { client in
                    let bytes = try await client.repository(try first.repository("a/b")).bytes(of: layer)
                    #expect(bytes == Array("x".utf8))
                }
                #expect(registry.content.requests.allSatisfy { $0.authorization == nil })
            }
        }
    }

    @Test("what a provider throws is told with the registry's name, and not tried again")
    func failure() async throws {
        try await ScriptedRegistry.serving(bending: Self.guarded) { registry in
            let asked = Atomic(0)
            let provider = Provider { _ in
                // The first time it is about whether there is a login at all.
                guard asked.add(1, ordering: .relaxed).newValue > 1 else { return Self.login }
                throw Locked()
            }
            try await RegistryClient.withClient(options: Self.options(retries: 3), credentials: provider) { client in
                let error = await #expect(throws: CredentialError.self) {
                    try await client.repository(try registry.repository("a/b")).resolve(Tag("1"))
                }
                #expect("\(error, default: "")" == "Getting the login for \(registry.host): the key store is locked")
            }
            #expect(asked.load(ordering: .relaxed) == 2)
        }
    }

    @Test("a request that is cancelled while a login is looked up leaves others theirs")
    func cancellation() async throws {
        try await ScriptedRegistry.serving(bending: Self.guarded) { registry in
            let digest = registry.put("a/b", layers: ["x"], tag: "1").digest
            let repository = try registry.repository("a/b")
            let gate = Gate()
            let (questions, asked) = AsyncStream.makeStream(of: Void.self)
            let provider = Provider { _ in
                asked.yield()
                await gate.wait()
                return Self.login
            }
            try await RegistryClient.withClient(options: Self.options(), credentials: provider) { client in
                let first = Task { try await client.repository(repository).resolve(Tag("1")) }
                var iterator = questions.makeAsyncIterator()
                await iterator.next()
                let second = Task { try await client.repository(repository).resolve(Tag("1")) }
                first.cancel()
                await gate.open()
                let found = try await second.value
                #expect(found.digest == digest)
                await #expect(throws: CancellationError.self) { try await first.value }
            }
        }
    }
}

extension RawManifest {
    /// The layers of an image.
    fileprivate var layers: [Descriptor] {
        get throws { if case .image(let image) = try parsed() { image.layers } else { [] } }
    }
}
