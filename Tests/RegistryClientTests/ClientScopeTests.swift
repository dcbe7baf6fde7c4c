import ContainerImage
import LoopbackServer
import RegistryClient
import RegistryServer
import TestSupport
import Testing

@Suite("Clients for a time, and what is different for a host")
struct ClientScopeTests {
    private struct Failure: Error {}

    /// Runs `body` while a registry serves over TLS with a certificate that signs itself, which lies in a file.
    private static func servingTLS(_ body: (RegistryHost, _ certificate: String) async throws -> Void) async throws {
        let folder = try TemporaryFolder()
        let identity = try LoopbackIdentity(names: ["localhost"])
        let path = try folder.write(identity.pem, to: "certificate.pem")
        let server = RegistryServer(
            host: "localhost",
            content: MemoryStorage(),
            certificate: try ServerCertificate(
                certificatePath: path,
                keyPath: try folder.write(identity.key, to: "key.pem")
            ),
            limits: ServerLimits(connections: 20)
        )
        try await server.serve { host in try await body(host, path) }
    }

    private static func quick() -> RegistryOptions {
        var options = RegistryOptions()
        options.retries.attempts = 1
        return options
    }

    /// Whether a registry answers a client with these options.
    private static func answers(_ host: RegistryHost, _ options: RegistryOptions) async throws -> Bool {
        try await RegistryClient.withClient(options: options, credentials: .anonymous) { client in
            do {
                return try await client.repository(try Repository("\(host)/a/b")).descriptor(of: Tag("1")) == nil
            } catch let error as RegistryError {
                guard case .transport = error.reason else { throw error }
                return false
            }
        }
    }

    private static func expect(
        _ host: RegistryHost,
        _ options: RegistryOptions,
        answers expected: Bool,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let answered = try await answers(host, options)
        #expect(answered == expected, sourceLocation: sourceLocation)
    }

    @Test("a client is closed when the body ends, and when it throws", arguments: [false, true])
    func closing(throwing isThrowing: Bool) async throws {
        try await ScriptedRegistry.serving { registry in
            registry.put("a/b", layers: ["x"], tag: "1")
            let repository = try registry.repository("a/b")
            var kept: RegistryClient?
            do {
                let size = try await RegistryClient.withClient(options: Self.quick(), credentials: .anonymous) {
                    client in
                    kept = client
                    let found = try await client.repository(repository).resolve(Tag("1"))
                    if isThrowing { throw Failure() }
                    return found.size
                }
                #expect(!isThrowing && size > 0)
            } catch is Failure {
                #expect(isThrowing)
            }
            let client = try #require(kept)
            let count = registry.lines.count
            let error = await #expect(throws: RegistryError.self) {
                try await client.repository(repository).resolve(Tag("1"))
            }
            #expect(error?.description.hasSuffix("the client was shut down before") == true)
            #expect(registry.lines.count == count)
            await client.shutdown()
        }
    }

    @Test("certificates can be passed over for one registry, and are checked for others")
    func unverified() async throws {
        try await Self.servingTLS { host, _ in
            try await Self.servingTLS { other, _ in
                var options = Self.quick()
                try await Self.expect(host, options, answers: false)
                var own = HostOptions()
                own.verifiesCertificates = false
                options.hosts[host] = own
                try await Self.expect(host, options, answers: true)
                try await Self.expect(other, options, answers: false)
                // The other way round.
                options.verifiesCertificates = false
                options.hosts[host]?.verifiesCertificates = true
                try await Self.expect(host, options, answers: false)
                try await Self.expect(other, options, answers: true)
            }
        }
    }

    @Test("an authority can be trusted for one registry")
    func authority() async throws {
        try await Self.servingTLS { host, certificate in
            try await Self.servingTLS { other, _ in
                var options = Self.quick()
                var own = HostOptions()
                own.certificateAuthorityPaths = [certificate]
                options.hosts[host] = own
                try await Self.expect(host, options, answers: true)
                try await Self.expect(other, options, answers: false)
                options.hosts[host]?.certificateAuthorityPaths = [certificate + "-"]
                await #expect(throws: RegistryClientError.self) { try await Self.answers(host, options) }
            }
        }
    }
}
