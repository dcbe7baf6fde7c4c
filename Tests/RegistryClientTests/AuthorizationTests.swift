import ContainerImage
import FoundationEssentials
import RegistryClient
import Synchronization
import Testing

@Suite("Logins and tokens")
struct AuthorizationTests {
    private static let basic = "Basic " + Data("alice:s3cret-pw".utf8).base64EncodedString()

    private static func variables(_ host: String) -> [String: String] {
        [
            "REGISTRY_HOSTNAME": host, "REGISTRY_USERNAME": "alice", "REGISTRY_PASSWORD": "s3cret-pw",
        ]
    }

    private static func challenge(_ registry: ScriptedRegistry, _ more: String = "") -> [String: String] {
        ["WWW-Authenticate": #"Bearer realm="http://\#(registry.host)/token",service="lab"\#(more)"#]
    }

    private static func token(_ text: String, _ more: String = "") -> Answer {
        Answer(200, ["Content-Type": "application/json"], #"{"token":"\#(text)"\#(more)}"#)
    }

    @Test("a login is used from the start where only /v2/ asks for one", arguments: [404, 403], [true, false])
    func hiding(status: Int, isBearer: Bool) async throws {
        try await ScriptedRegistry.serving { request, registry in
            if request.path.hasPrefix("/token") {
                return Self.token(request.authorization == Self.basic ? "good" : "anon")
            }
            let isKnown = request.authorization == (isBearer ? "Bearer good" : Self.basic)
            if request.path == "/v2/" {
                let basic = ["WWW-Authenticate": #"Basic realm="x""#]
                return isKnown ? nil : Answer(401, isBearer ? Self.challenge(registry) : basic)
            }
            return isKnown ? nil : .refusal(status, "DENIED")
        } _: { registry in
            let digest = registry.put("a/b", layers: ["x"], tag: "1").digest
            let tag = try Tag("1")
            let repository = try registry.repository("a/b")
            try await registry.client(Self.variables(registry.host)) { client in
                let found = try await client.repository(repository).resolve(tag)
                #expect(found.digest == digest)
            }
            #expect(registry.lines.filter { $0 == "GET /v2/" }.count == 1)
            await #expect(throws: RegistryError.self) {
                try await registry.client { try await $0.repository(repository).resolve(tag) }
            }
            #expect(registry.lines.filter { $0 == "GET /v2/" }.count == 1, "a stranger has nothing to ask for")
        }
    }

    @Test("a member's image is resolved, not what strangers see under the same name")
    func virtualRepository() async throws {
        try await ScriptedRegistry.serving { request, registry in
            if request.path == "/v2/", request.authorization == nil {
                return Answer(401, ["WWW-Authenticate": #"Basic realm="x""#])
            }
            guard request.authorization == Self.basic else { return nil }
            return request.path.hasPrefix("/v2/a/b/manifests/1")
                ? Answer(307, ["Location": "/v2/mine/manifests/1"]) : nil
        } _: { registry in
            registry.put("a/b", layers: ["public"], tag: "1")
            let mine = registry.put("mine", layers: ["private"], tag: "1").digest
            try await registry.client(Self.variables(registry.host)) { client in
                let found = try await client.repository(try registry.repository("a/b")).descriptor(of: Tag("1"))
                #expect(found?.digest == mine)
            }
        }
    }

    @Test("where /v2/ is of no help, requests go on without", arguments: [200, 403, 404, 500, 503])
    func unhelpful(status: Int) async throws {
        try await ScriptedRegistry.serving { request, _ in
            request.path == "/v2/" ? Answer(status) : nil
        } _: { registry in
            registry.put("a/b", layers: ["x"], tag: "1")
            try await registry.client(Self.variables(registry.host), retries: 1) { client in
                let repository = client.repository(try registry.repository("a/b"))
                _ = try await repository.descriptor(of: Tag("1"))
                _ = try await repository.descriptor(of: Tag("1"))
            }
            #expect(registry.lines.filter { $0 == "GET /v2/" }.count == (status >= 500 ? 2 : 1))
            #expect(registry.content.requests.allSatisfy { $0.authorization == nil })
        }
    }

    @Test("a repository without a login stays a stranger where only /v2/ asks")
    func strangers() async throws {
        try await ScriptedRegistry.serving { request, registry in
            if request.path == "/v2/" { return Answer(401, Self.challenge(registry)) }
            if request.path.hasPrefix("/token") {
                return request.authorization == Self.basic ? Self.token("good") : .refusal(403, "DENIED")
            }
            return nil
        } _: { registry in
            registry.put("team/a", layers: ["x"], tag: "1")
            registry.put("open/b", layers: ["x"], tag: "1")
            try await registry.client(Self.variables(registry.host + "/team")) { client in
                let tag = try Tag("1")
                let remote = client.repository(try registry.repository("team/a"))
                #expect(try await remote.descriptor(of: tag) != nil)
                let open = client.repository(try registry.repository("open/b"))
                #expect(try await open.descriptor(of: tag) != nil)
            }
        }
    }

    @Test("a redirect within the registry may lead to what needs another scope, or a login at all", arguments: 0..<3)
    func redirectToAnotherScope(openness: Int) async throws {
        try await ScriptedRegistry.serving { request, registry in
            if request.path.hasPrefix("/token?") {
                return Self.token(request.path.contains("library") ? "both" : "one")
            }
            if request.path.hasPrefix("/v2/proxy/library/") {
                let scope = #",scope="repository:proxy/library/nginx:pull""#
                return request.authorization == "Bearer both" ? nil : Answer(401, Self.challenge(registry, scope))
            }
            guard request.path.hasPrefix("/v2/proxy/nginx/") else { return nil }
            if openness == 0, request.authorization == nil { return Answer(401, Self.challenge(registry)) }
            return Answer(307, ["Location": request.path.replacing("/proxy/", with: "/proxy/library/")])
        } _: { registry in
            let digest = registry.put("proxy/library/nginx", layers: ["x"], tag: "1").digest
            let variables = openness == 2 ? [:] : Self.variables(registry.host)
            try await registry.client(variables, retries: 0) { client in
                let repository = client.repository(try registry.repository("proxy/nginx"))
                #expect(try await repository.descriptor(of: Tag("1"))?.digest == digest)
                #expect(try await repository.descriptor(of: Tag("1"))?.digest == digest)
            }
            let tokens = registry.lines.filter { $0.contains("/token") }.count
            #expect(tokens == (openness == 0 ? 2 : 1), "what was learnt is kept: \(registry.lines)")
        }
    }

    @Test("an unsupported challenge is reported, and so is a token that can't be sent")
    func unsupported() async throws {
        try await ScriptedRegistry.serving { request, registry in
            if request.path.hasPrefix("/token?") { return Self.token(#"a\r\nb"#) }
            if request.path.hasPrefix("/v2/a/b/") { return Answer(401, Self.challenge(registry)) }
            return Answer(401, ["WWW-Authenticate": #"Digest realm="x", nonce="y""#])
        } _: { registry in
            for (path, more, words) in [
                ("c", [:], "unsupported kind of login: Digest"), ("a/b", [:], "has no token"),
                ("a/b", ["REGISTRY_REGISTRY_TOKEN": "t0ken-text\n"], "not allowed in a header"),
            ] {
                let variables = Self.variables(registry.host).merging(more) { $1 }
                try await registry.client(variables, retries: 0) { client in
                    let repository = client.repository(try registry.repository(path))
                    let error = await #expect(throws: RegistryError.self) { try await repository.tags() }
                    let text = "\(try #require(error))"
                    #expect(text.contains(words) && !text.contains("t0ken-text"), "\(text)")
                }
            }
        }
    }

    @Test("a redirect to a scope that is never granted ends in the refusal")
    func redirectWithoutEnd() async throws {
        try await ScriptedRegistry.serving { request, registry in
            if request.path.hasPrefix("/token?") { return Self.token("none") }
            if request.path.hasPrefix("/v2/a/b/") {
                return Answer(307, ["Location": "/v2/c" + request.path.dropFirst(5)])
            }
            let scope = "repository:c/\(registry.lines.count):pull"
            return Answer(401, Self.challenge(registry, #",scope="\#(scope)""#))
        } _: { registry in
            try await registry.client(retries: 0) { client in
                let repository = client.repository(try registry.repository("a/b"))
                for _ in 0..<20 {
                    let error = await #expect(throws: RegistryError.self) { try await repository.tags() }
                    #expect(error?.status == 401)
                }
            }
            let longest = registry.lines.filter { $0.contains("/token") }.map(\.utf8.count).max() ?? 0
            #expect(longest < 1000, "scopes don't pile up")
        }
    }

    @Test(
        "what a token server repeats of a login is not shown, in whatever form it was sent",
        arguments: ["", "s3cret-pw"]
    )
    func repeatedLogin(password: String) async throws {
        try await ScriptedRegistry.serving { request, registry in
            guard request.path.hasPrefix("/token") else { return Answer(401, Self.challenge(registry)) }
            let sent = request.authorization ?? String(decoding: request.body, as: UTF8.self)
            let plain = sent.split(separator: " ").last.flatMap { Data(base64Encoded: String($0)) } ?? Data()
            return .refusal(404, "DENIED", sent + " " + (String(bytes: plain, encoding: .utf8) ?? ""))
        } _: { registry in
            var variables = Self.variables(registry.host)
            variables["REGISTRY_IDENTITY_TOKEN"] = "1dentity/t0ken"
            variables["REGISTRY_PASSWORD"] = password
            try await registry.client(variables, retries: 0) { client in
                let repository = client.repository(try registry.repository("a/b"))
                let error = await #expect(throws: RegistryError.self) { try await repository.tags() }
                let text = "\(try #require(error))"
                let secrets = ["1dentity/t0ken", "1dentity%2Ft0ken", "s3cret-pw"]
                let forms = secrets.map { Data("alice:\($0)".utf8).base64EncodedString() }
                #expect(text.contains("DENIED"))
                for secret in secrets + forms { #expect(!text.contains(secret), "\(text)") }
            }
        }
    }

    @Test(
        "a token server's redirect is followed within its host, with the login",
        arguments: [301, 302, 303, 307, 308]
    )
    func redirects(status: Int) async throws {
        try await ScriptedRegistry.serving { request, registry in
            if request.path.hasPrefix("/token?") {
                return Answer(status, ["Location": "/token/" + request.path.dropFirst(6)])
            }
            if request.path.hasPrefix("/token/") {
                return request.authorization == Self.basic ? Self.token("good") : Answer(401)
            }
            return request.authorization == "Bearer good" ? nil : Answer(401, Self.challenge(registry))
        } _: { registry in
            registry.put("a/b", layers: ["x"], tag: "1")
            try await registry.client(Self.variables(registry.host)) { client in
                let remote = client.repository(try registry.repository("a/b"))
                #expect(try await remote.descriptor(of: Tag("1")) != nil)
            }
        }
    }

    @Test("a login follows no redirect to another host; where there is none, the redirect is followed")
    func redirectElsewhere() async throws {
        try await ScriptedRegistry.serving { _, _ in
            Self.token("anon")
        } _: { other in
            try await ScriptedRegistry.serving { request, registry in
                if request.path.hasPrefix("/token") { return Answer(307, ["Location": "http://\(other.host)/token"]) }
                return request.authorization == "Bearer anon" ? nil : Answer(401, Self.challenge(registry))
            } _: { registry in
                registry.put("a/b", layers: ["x"], tag: "1")
                let repository = try registry.repository("a/b")
                await #expect(throws: RegistryError.self) {
                    try await registry.client(Self.variables(registry.host), retries: 0) { client in
                        try await client.repository(repository).descriptor(of: Tag("1"))
                    }
                }
                #expect(other.lines.isEmpty)
                try await registry.client { client in
                    let found = try await client.repository(repository).descriptor(of: Tag("1"))
                    #expect(found != nil)
                }
                #expect(other.content.requests.allSatisfy { $0.authorization == nil })
            }
        }
    }

    @Test("a token server that knows no POST gets the identity token by GET", arguments: [400, 401, 404, 405, 501])
    func withoutOAuth(status: Int) async throws {
        try await ScriptedRegistry.serving { request, registry in
            if request.path.hasPrefix("/token") {
                if request.method == "POST" { return Answer(status, ["Content-Type": "text/html"], "<html>no</html>") }
                let login = "Basic " + Data("<token>:id-123".utf8).base64EncodedString()
                return request.authorization == login ? Self.token("good") : Answer(401)
            }
            return request.authorization == "Bearer good" ? nil : Answer(401, Self.challenge(registry))
        } _: { registry in
            registry.put("a/b", layers: ["x"], tag: "1")
            let variables = ["REGISTRY_HOSTNAME": registry.host, "REGISTRY_IDENTITY_TOKEN": "id-123"]
            try await registry.client(variables) { client in
                let remote = client.repository(try registry.repository("a/b"))
                #expect(try await remote.descriptor(of: Tag("1")) != nil)
            }
        }
    }

    @Test("several scopes of a challenge are asked for one by one")
    func scopes() async throws {
        let wanted = ["repository:a/b:pull", "repository:shared/base:pull"]
        try await ScriptedRegistry.serving { request, registry in
            if request.path.hasPrefix("/token") {
                let scopes = request.path.split(separator: "&").filter { $0.contains("scope=") }
                return Self.token(scopes.count == 2 && scopes.allSatisfy { !$0.contains("%20") } ? "good" : "poor")
            }
            let more = #",scope="\#(wanted.joined(separator: " "))""#
            return request.authorization == "Bearer good" ? nil : Answer(401, Self.challenge(registry, more))
        } _: { registry in
            registry.put("a/b", layers: ["x"], tag: "1")
            try await registry.client { client in
                let remote = client.repository(try registry.repository("a/b"))
                #expect(try await remote.descriptor(of: Tag("1")) != nil)
            }
        }
    }

    @Test("tokens that are used up by others are renewed as long as they get others through")
    func usedUp() async throws {
        let uses = Mutex<[String: Int]>([:])
        try await ScriptedRegistry.serving { request, registry in
            if request.path.hasPrefix("/token") {
                return uses.withLock { uses in
                    let token = "t\(uses.count)"
                    uses[token] = 3
                    return Self.token(token)
                }
            }
            let isGood = uses.withLock { uses in
                let token = String(request.authorization?.dropFirst(7) ?? "")
                guard let left = uses[token], left > 0 else { return false }
                uses[token] = left - 1
                return true
            }
            return isGood ? nil : Answer(401, Self.challenge(registry))
        } _: { registry in
            registry.put("a/b", layers: ["x"], tag: "1")
            try await registry.client { client in
                let repository = client.repository(try registry.repository("a/b"))
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<40 {
                        group.addTask {
                            let found = try await repository.descriptor(of: Tag("1"))
                            #expect(found != nil)
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
    }

    @Test("a token that is refused from the start is reported at once")
    func refusedToken() async throws {
        try await ScriptedRegistry.serving { request, registry in
            if request.path.hasPrefix("/token") { return Self.token("poor") }
            var answer = Answer.refusal(401, "UNAUTHORIZED", "authentication required")
            answer.headers.merge(Self.challenge(registry)) { $1 }
            return answer
        } _: { registry in
            let tag = try Tag("1")
            let error = await #expect(throws: RegistryError.self) {
                try await registry.client { try await $0.repository(registry.repository("a/b")).resolve(tag) }
            }
            let said = error?.description ?? ""
            #expect(said.contains("/manifests/1: UNAUTHORIZED: authentication required; 401 Unauthorized"), "\(said)")
            #expect(registry.lines.count <= 5, "\(registry.lines)")
        }
    }

    @Test("a login that is refused is reported with its user, not as a missing one")
    func refusedLogin() async throws {
        try await ScriptedRegistry.serving { request, _ in
            Answer(401, ["WWW-Authenticate": #"Basic realm="x""#])
        } _: { registry in
            let tag = try Tag("1")
            let repository = try registry.repository("a/b")
            let with = await #expect(throws: RegistryError.self) {
                try await registry.client(Self.variables(registry.host)) {
                    try await $0.repository(repository).resolve(tag)
                }
            }
            #expect(with?.description.contains("user 'alice'") == true && with?.description.contains("log in") == false)
            #expect(with?.description.contains("s3cret") == false)
            let without = await #expect(throws: RegistryError.self) {
                try await registry.client { try await $0.repository(repository).resolve(tag) }
            }
            #expect(without?.description.contains("log in first") == true)
            #expect(without?.message.hints == [.logIn] && with?.message.hints == [])
        }
    }

    @Test(
        "a token's lifetime is read in the forms that servers write",
        arguments: [
            (#"{"token":"t","expires_in":300}"#, 300), (#"{"token":"t","expires_in":"60"}"#, 60),
            (#"{"access_token":"t","expires_in":1.5}"#, 1.5), (#"{"token":"","access_token":"t"}"#, nil),
            (#"{"token":"t","expires_in":0}"#, nil), (#"{"token":"t","expires_in":-5}"#, nil),
            (#"{"token":"t","expires_in":1e300}"#, nil), (#"{"token":"t","expires_in":null}"#, nil),
            (#"{"token":"t","expires_in":[]}"#, nil),
        ] as [(String, Double?)]
    )
    func lifetimes(text: String, seconds: Double?) throws {
        let answer = try #require(TokenAnswer(Array(text.utf8)))
        #expect(answer.token == "t")
        #expect(answer.lifetime == seconds.map { .seconds($0) })
    }
}
