import DocumentInput
import FoundationEssentials
import HTTPTransport
import LoopbackServer
import Synchronization
import Testing

@Suite("Documents at addresses")
struct WebTests {
    private static let body = "a: 1\n"
    private static let document = ["{\"a\":1}"]

    /// An answer as it goes over the line.
    private static func answer(_ status: String, _ headers: [String] = [], _ body: [UInt8]) -> [UInt8] {
        let head = ["HTTP/1.1 \(status)", "Content-Length: \(body.count)", "Connection: close"] + headers
        return Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
    }

    private static func answer(_ status: String, _ headers: [String] = [], _ body: String = "") -> [UInt8] {
        answer(status, headers, Array(body.utf8))
    }

    /// Runs `body` with a server that answers a path with its answer, and others with the document.
    private func withServer(
        _ answers: [String: [UInt8]] = [:],
        _ body: (AnsweringServer) async throws -> Void
    ) async throws {
        let server = try await AnsweringServer { request in
            let path = request.split(separator: " ").dropFirst().first.map(String.init) ?? ""
            return answers[path] ?? Self.answer("200 OK", [], Self.body)
        }
        try await body(server)
        await server.stop()
    }

    /// What reading `address` fails with.
    private func failure(_ address: String) async throws -> InputError {
        try #require(await #expect(throws: InputError.self) { try await read([address]) })
    }

    @Test("An address is asked by the program's name, and without a login where it has none")
    func plain() async throws {
        try await withServer { server in
            #expect(try await read(["http://\(server.host)/x.yml?v=1"]).texts == Self.document)
            let request = try #require(server.requests.first?.lowercased())
            #expect(server.requests.count == 1 && request.hasPrefix("get /x.yml?v=1 http/1.1\r\n"))
            #expect(request.contains("user-agent: test/1\r\n") && !request.contains("authorization"))
        }
    }

    @Test("Each request is reported with its answer, without login and query")
    func reported() async throws {
        let moved = Self.answer("302 Found", ["Location: /x.yml?token=s3cret"])
        try await withServer(["/moved": moved]) { server in
            let records = Mutex<[FetchRecord]>([])
            _ = try await read(
                ["http://alice:s3cret@\(server.host)/moved"],
                report: { record in
                    records.withLock { $0.append(record) }
                }
            )
            let all = records.withLock(\.self)
            #expect(all.map(\.address) == ["http://\(server.host)/moved", "http://\(server.host)/x.yml"])
            #expect(all.map(\.status) == [302, 200] && all.map(\.receivedBytes) == [0, 5])
        }
    }

    @Test("A login in the address is sent, percent-decoded, and not shown where something is wrong")
    func login() async throws {
        try await withServer(["/gone": Self.answer("404 Not Found")]) { server in
            let address = "http://alice:s3%2Fcret@\(server.host)"
            #expect(try await read([address + "/x.yml"]).texts == Self.document)
            let login = Data("alice:s3/cret".utf8).base64EncodedString()
            #expect(server.requests.first?.contains("authorization: Basic \(login)\r\n") == true)
            let error = try await failure(address + "/gone")
            #expect(error.name == "http://\(server.host)/gone" && error.reason == "the server answered 404 Not Found")
        }
    }

    @Test("Redirects are followed", arguments: [301, 302, 303, 307, 308])
    func redirects(status: Int) async throws {
        let answers = [
            "/x.yml": Self.answer("\(status) Moved", ["Location: /a/b/y.yml"]),
            "/a/b/y.yml": Self.answer("\(status) Moved", ["Location: ../z.yml"]),
        ]
        try await withServer(answers) { server in
            let documents = try await read(["http://\(server.host)/x.yml"])
            #expect(documents.texts == Self.document)
            let paths = server.requests.compactMap { $0.split(separator: " ").dropFirst().first }
            #expect(paths == ["/x.yml", "/a/b/y.yml", "/a/z.yml"])
        }
    }

    @Test("Another server gets no login")
    func elsewhere() async throws {
        try await withServer { other in
            let moved = Self.answer("302 Found", ["Location: http://\(other.host)/y.yml"])
            try await withServer(["/x.yml": moved]) { server in
                let documents = try await read(["http://alice:s3cret@\(server.host)/x.yml"])
                #expect(documents.texts == Self.document)
                #expect(server.requests.first?.contains("authorization: ") == true)
                #expect(other.requests.count == 1 && other.requests.first?.contains("authorization") == false)
            }
        }
    }

    @Test(
        "A redirect to nowhere is an error",
        arguments: [
            ("ftp://h/x", "the server redirects to what is not an http or https URL"),
            ("unix:///var/run/docker.sock", "the server redirects to what is not an http or https URL"),
            ("/x.yml", "the server redirects more than 10 times"),
        ]
    )
    func badRedirects(location: String, reason: String) async throws {
        try await withServer(["/x.yml": Self.answer("302 Found", ["Location: \(location)"])]) { server in
            let error = try await failure("http://\(server.host)/x.yml")
            #expect(error.reason == reason)
            #expect(server.requests.count == (location == "/x.yml" ? 11 : 1))
        }
    }

    @Test("A redirect that doesn't say where, and every other status, is the server's answer")
    func statuses() async throws {
        let answers = [
            "/302": Self.answer("302 Found"), "/500": Self.answer("500 s3cret"), "/204": Self.answer("204 No Content"),
        ]
        try await withServer(answers) { server in
            for (path, words) in [
                ("302", "302 Found"), ("500", "500 Internal Server Error"), ("204", "204 No Content"),
            ] {
                let error = try await failure("http://\(server.host)/\(path)")
                #expect(error.reason == "the server answered \(words)")
            }
        }
    }

    @Test("What is compressed is unpacked, and a damaged stream is reported as such")
    func compression() async throws {
        let compressed = try #require(Data(base64Encoded: "H4sIAAAAAAACA0u0UjDkAgBpGSPjBQAAAA=="))
        let other = try #require(Data(base64Encoded: "H4sIAAAAAAACA9PV1eVKslIw4gIAgLq5sQkAAAA="))
        var damaged = Array(compressed)
        damaged[12] ^= 0xFF
        let header = ["Content-Encoding: gzip"]
        let answers = [
            "/whole": Self.answer("200 OK", header, Array(compressed)),
            "/damaged": Self.answer("200 OK", header, damaged),
            "/members": Self.answer("200 OK", header, Array(compressed + other)),
            "/cut": Self.answer("200 OK", header, Array(compressed.dropLast(3))),
            "/other": Self.answer("200 OK", ["Content-Encoding: br"], Array(compressed)),
        ]
        try await withServer(answers) { server in
            #expect(try await read(["http://\(server.host)/whole"]).texts == Self.document)
            #expect(server.requests.first?.lowercased().contains("accept-encoding: ") == true)
            let error = try await failure("http://\(server.host)/damaged")
            #expect(error.reason == "the server's compression is damaged")
            #expect(try await failure("http://\(server.host)/cut").reason == "the server's compression is damaged")
            #expect(try await read(["http://\(server.host)/members"]).texts == Self.document + ["{\"b\":2}"])
            #expect(try await failure("http://\(server.host)/other").reason.contains("'br'"))
        }
    }

    @Test(
        "What goes wrong below HTTP is reported in words",
        arguments: [
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\na: 1\n",
                "the server closed the connection before the end of its answer"
            ),
            ("SSH-2.0-server\r\n", "the answer of the server is not valid HTTP"),
            ("", "the server closed the connection"),
        ]
    )
    func broken(bytes: String, reason: String) async throws {
        let server = try await AnsweringServer { _ in Array(bytes.utf8) }
        let error = try await failure("http://\(server.host)/x.yml")
        #expect(error.reason == reason)
        await server.stop()
        let gone = try await failure("http://\(server.host)/x.yml")
        #expect(gone.reason == "Connection refused")
    }

    @Test(
        "A server that falls silent is given up, before its answer as well as within it",
        arguments: [nil, "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\na: 1\n"]
    )
    func silence(beginning: String?) async throws {
        let server = try await AnsweringServer(keepsOpen: true) { _ in beginning.map { Array($0.utf8) } }
        let error = await #expect(throws: InputError.self) {
            try await read(["http://\(server.host)/x.yml"], idleTimeoutSeconds: 1)
        }
        #expect(error?.reason == "the server stayed silent for too long")
        await server.stop()
    }

    @Test("A server that doesn't speak TLS is told to be one of plain HTTP")
    func plaintext() async throws {
        try await withServer { server in
            let error = try await failure("https://\(server.host)/x.yml")
            #expect(error.reason == "the server does not speak TLS; it may speak plain http")
        }
    }

    @Test("A proxy is asked for other hosts, and not for this machine")
    func proxies() async throws {
        try await withServer { server in
            let proxies = try ProxySettings(variables: ["HTTP_PROXY": "http://u:p@\(server.host)"])
            #expect(try await read(["http://files.example.test/x.yml"], proxies: proxies).texts == Self.document)
            let request = try #require(server.requests.first)
            #expect(request.hasPrefix("GET http://files.example.test/x.yml HTTP/1.1\r\n"))
            #expect(request.lowercased().contains("proxy-authorization: basic dtpw\r\n"))
            #expect(try await read(["http://\(server.host)/x.yml"], proxies: proxies).texts == Self.document)
            #expect(server.requests.last?.hasPrefix("GET /x.yml HTTP/1.1\r\n") == true)
        }
    }

    @Test(
        "An invalid address is refused, and shown without user, password and query",
        arguments: [
            ("http://", "http://"), ("https://:80/x", "https://:80/x"), ("http://h:0/x", "http://h:0/x"),
            ("http://alice:s3cret@h:99999/x?token=s3cret", "http://h:99999/x"),
            ("http://s3cret@/x#s3cret", "http:///x"), ("https://a:s3cret@b:s3cret@:1", "https://:1"),
        ]
    )
    func refused(address: String, shown: String) async throws {
        let error = try await failure(address)
        #expect(error.name == shown)
        #expect(error.reason == "the address is invalid (a host is needed, and a port must be 1 to 65535)")
    }
}
