import AsyncHTTPClient
import FoundationEssentials
import HTTPTransport
import LoopbackServer
import NIOCore
import NIOHTTP1
import NIOSSL
import Testing

@Suite("Requests and the ways they take")
struct RoutedHTTPClientTests {
    /// How a client is made.
    private struct Setting: Sendable {
        var trusted: [NIOSSLCertificate] = []
        var proxies = ProxySettings()
        var verifiesServers = true
    }

    /// The status and body that a request gets.
    private func get(_ address: String, _ setting: Setting = Setting()) async throws -> (status: UInt, text: String) {
        var configuration = HTTPClient.Configuration(timeout: .init(connect: .seconds(5), read: .seconds(5)))
        configuration.connectionPool.retryConnectionEstablishment = false
        let client = RoutedHTTPClient(
            configuration: configuration,
            tls: {
                TrustedAuthorities(variables: ["SSL_CERT_FILE": "/dev/null"]).tlsConfiguration(adding: setting.trusted)
            },
            proxies: setting.proxies,
            verifiesServers: setting.verifiesServers
        )
        let result: Result<(UInt, String), any Error>
        do {
            let response = try await client.execute(HTTPClientRequest(url: address), deadline: .now() + .seconds(20))
            let body = try await response.body.collect(upTo: 1 << 20)
            result = .success((response.status.code, String(buffer: body)))
        } catch {
            result = .failure(error)
        }
        try await client.shutdown()
        return try result.get()
    }

    /// The error that a request ends with, in words.
    private func words(_ address: String, _ setting: Setting = Setting()) async throws -> String {
        let error = try #require(await #expect(throws: (any Error).self) { try await get(address, setting) })
        return TransportFailure.explain(error, by: "the server")
    }

    private static func answer(_ text: String, status: String = "200 OK") -> [UInt8] {
        Array("HTTP/1.1 \(status)\r\nContent-Length: \(text.utf8.count)\r\nConnection: close\r\n\r\n\(text)".utf8)
    }

    /// The first line of a request, and one header of it.
    private func head(_ request: String, _ header: String) -> [String] {
        let lines = request.split(separator: "\r\n").map(String.init)
        let value = lines.first { $0.lowercased().hasPrefix(header + ": ") }?.dropFirst(header.count + 2)
        return [lines.first ?? "", value.map(String.init) ?? "-"]
    }

    @Test("A server is asked directly where there is no proxy")
    func direct() async throws {
        let server = try await AnsweringServer { _ in Self.answer("hello") }
        let answer = try await get("http://\(server.host)/a?b")
        #expect(answer == (200, "hello"))
        #expect(server.requests.map { head($0, "host") } == [["GET /a?b HTTP/1.1", server.host]])
        await server.stop()
    }

    @Test(
        "What isn't an http or https address, or has an impossible port, is refused before anything is sent",
        arguments: [
            ("ftp://h/", AddressError.scheme), ("h/x", .scheme), ("unix:///x", .scheme), ("http://h:0/", .port),
            ("http://h:65536/", .port), ("https://u:p@h:x/", .port), ("http://[::1]:99999", .port),
        ]
    )
    func addresses(address: String, problem: AddressError) async {
        let error = await #expect(throws: AddressError.self) { try await get(address) }
        #expect(error == problem && error?.description.hasPrefix("the address ") == true)
    }

    @Test(
        "Statuses below 100 and answers that never come to their end are refused",
        arguments: [("HTTP/1.1 099 No\r\n\r\n", 1), ("HTTP/1.1 102 Processing\r\n\r\n", 1001)]
    )
    func statuses(answer: String, count: Int) async throws {
        let server = try await AnsweringServer { _ in Array(String(repeating: answer, count: count).utf8) }
        #expect(try await words("http://\(server.host)/") == "the answer of the server is not valid HTTP")
        await server.stop()
    }

    @Test("Some interim answers may come before the final one")
    func interim() async throws {
        let interim = String(repeating: "HTTP/1.1 102 Processing\r\n\r\n", count: 900)
        let server = try await AnsweringServer { _ in Array(interim.utf8) + Self.answer("final") }
        #expect(try await get("http://\(server.host)/").text == "final")
        await server.stop()
    }

    // MARK: TLS

    @Test("A certificate that is trusted must be of the host in the address, unless nothing is verified")
    func identities() async throws {
        let identity = try LoopbackIdentity(names: ["localhost", "*.example.test"])
        let server = try await AnsweringServer(as: identity) { _ in Self.answer("secret") }
        let named = "https://" + server.host.replacing("127.0.0.1", with: "localhost") + "/"
        let trusting = Setting(trusted: [try identity.authority])
        #expect(try await get(named, trusting).text == "secret")
        let error = await #expect(throws: ServerIdentityError.self) {
            try await get("https://\(server.host)/", trusting)
        }
        let failure = try #require(error)
        #expect(failure.description == "the certificate is for localhost, *.example.test, not for 127.0.0.1")
        #expect(
            TransportFailure.isCertificateFailure(failure) && TransportFailure.explain(failure, by: "x") == "\(failure)"
        )
        #expect(!TransportFailure.isTransient(failure) && !TransportFailure.permitsPlainHTTP(failure))
        #expect(server.requests.count == 1, "nothing is sent to a server that isn't the one that is meant")
        #expect(try await get("https://\(server.host)/", Setting(verifiesServers: false)).text == "secret")
        await server.stop()
    }

    @Test("A certificate that isn't trusted ends the connection, and plain HTTP isn't tried then")
    func untrusted() async throws {
        let server = try await AnsweringServer(as: LoopbackIdentity(names: ["localhost"])) { _ in Self.answer("secret")
        }
        let address = "https://" + server.host.replacing("127.0.0.1", with: "localhost") + "/"
        let other = Setting(trusted: [try LoopbackIdentity(names: ["localhost"]).authority])
        for setting in [Setting(), other] {
            let error = try #require(await #expect(throws: (any Error).self) { try await get(address, setting) })
            #expect(TransportFailure.isCertificateFailure(error))
            #expect(!TransportFailure.permitsPlainHTTP(error) && !TransportFailure.isTransient(error))
        }
        #expect(server.requests == [])
        await server.stop()
    }

    @Test("A server that doesn't speak TLS may be asked over plain HTTP")
    func plaintext() async throws {
        let server = try await AnsweringServer { _ in Self.answer("hello") }
        let error = try #require(await #expect(throws: (any Error).self) { try await get("https://\(server.host)/") })
        #expect(TransportFailure.isPlaintextAnswer(error) && TransportFailure.permitsPlainHTTP(error))
        #expect(!TransportFailure.isCertificateFailure(error) && !TransportFailure.isSilence(error))
        #expect(
            TransportFailure.explain(error, by: "the server")
                == "the server does not speak TLS; it may speak plain http"
        )
        await server.stop()
    }

    // MARK: Proxies

    @Test("A proxy gets the whole address of what is asked over plain HTTP, and its own login")
    func forwarding() async throws {
        let proxy = try await AnsweringServer { _ in Self.answer("by proxy") }
        let proxies = try ProxySettings(variables: ["HTTP_PROXY": "http://user:p%40ss@\(proxy.host)"])
        #expect(try await get("http://Files.example.test:81/a?b", Setting(proxies: proxies)).text == "by proxy")
        let request = try #require(proxy.requests.first)
        let login = "Basic " + Data("user:p@ss".utf8).base64EncodedString()
        #expect(head(request, "proxy-authorization") == ["GET http://Files.example.test:81/a?b HTTP/1.1", login])
        #expect(head(request, "host")[1] == "Files.example.test:81")
        await proxy.stop()
    }

    @Test("What is excepted, and this machine, is asked directly")
    func exceptions() async throws {
        let server = try await AnsweringServer { _ in Self.answer("direct") }
        let proxies = try ProxySettings(variables: ["HTTP_PROXY": "http://127.0.0.1:1", "NO_PROXY": "example.test"])
        #expect(try await get("http://\(server.host)/", Setting(proxies: proxies)).text == "direct")
        let client = RoutedHTTPClient(configuration: .init(), tls: { .makeClientConfiguration() }, proxies: proxies)
        #expect(client.takesProxy(scheme: "http", authority: "example.org"))
        #expect(!client.takesProxy(scheme: "http", authority: "example.test"))
        #expect(!client.takesProxy(scheme: "https", authority: "example.org"))
        try await client.shutdown()
        await server.stop()
    }

    @Test(
        "https goes through a tunnel, or not at all",
        arguments: [
            ("502 Bad Gateway", "refused to connect to the server"),
            (
                "407 Proxy Authentication Required",
                "asks for a user name and password (http://USER:PASSWORD@HOST)"
            ),
        ]
    )
    func tunnels(status: String, reason: String) async throws {
        let proxy = try await AnsweringServer { _ in Self.answer("", status: status) }
        let proxies = try ProxySettings(variables: ["HTTPS_PROXY": "user:x@\(proxy.host)"])
        #expect(
            try await words("https://registry.example.test/v2/", Setting(proxies: proxies))
                == "the proxy \(proxy.host) (HTTPS_PROXY) \(reason)"
        )
        let request = try #require(proxy.requests.first)
        let login = "Basic " + Data("user:x".utf8).base64EncodedString()
        #expect(head(request, "proxy-authorization") == ["CONNECT registry.example.test:443 HTTP/1.1", login])
        await proxy.stop()
    }

    @Test("A proxy that can't be reached is named, without its login", arguments: ["https", "socks"])
    func unreachable(kind: String) async throws {
        let gone = try await AnsweringServer()
        await gone.stop()
        let address = kind == "socks" ? "socks5://\(gone.host)" : "http://user:s3cret@\(gone.host)"
        let proxies = try ProxySettings(variables: ["HTTP_PROXY": address, "HTTPS_PROXY": address])
        let scheme = kind == "https" ? "https" : "http"
        #expect(
            try await words("\(scheme)://registry.example.test/", Setting(proxies: proxies))
                == "the proxy \(gone.host) (\(scheme.uppercased())_PROXY) can't be reached: connecting failed: Connection refused"
        )
    }
}
