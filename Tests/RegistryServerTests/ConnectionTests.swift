import ContainerImage
import LoopbackServer
import RegistryServer
import Testing

@Suite("Connections of the embedded registry")
struct ConnectionTests {
    @Test(
        "what a client asks of the connection is done",
        arguments: [
            ("GET /v2/ HTTP/1.0\r\n", true), ("GET /v2/ HTTP/1.0\r\nConnection: keep-alive\r\n", false),
            ("GET /v2/ HTTP/1.1\r\nHost: h\r\n", false),
            ("GET /v2/ HTTP/1.1\r\nHost: h\r\nConnection: close\r\n", true),
            ("GET /v2/ HTTP/1.1\r\nHost: h\r\nConnection: Close\r\n", true),
            ("GET /none HTTP/1.0\r\nHost: h\r\n", true),
        ]
    )
    func persistence(head: String, isClosed: Bool) async throws {
        try await LoopbackServer.serving(MemoryStorage()) { server in
            try await server.connected { connection in
                try await connection.send(head + "\r\n")
                let first = LoopbackAnswer(try #require(try await connection.next()))
                #expect(first.status != 0)
                if isClosed {
                    #expect(await connection.rest().isEmpty)
                    #expect(first.headers["connection"] == "close")
                } else {
                    if head.contains("1.0") { #expect(first.headers["connection"] == "keep-alive") }
                    try await connection.send(head + "\r\n")
                    #expect(LoopbackAnswer(try #require(try await connection.next())).status == 200)
                }
            }
        }
    }

    @Test("a body with malformed chunks is the client's error, and nothing is said of what is kept")
    func badChunks() async throws {
        try await LoopbackServer.serving(MemoryStorage()) { server in
            let begun = try await server.request("POST", "/v2/a/b/blobs/uploads/", body: [])
            let location = try #require(begun.headers["location"])
            try await server.connected { connection in
                try await connection.send(
                    "PATCH \(location) HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n"
                )
                #expect(LoopbackAnswer(try #require(try await connection.next())).status == 400)
            }
        }
    }

    @Test("a client that expects 100 Continue gets it before it sends its body")
    func expectation() async throws {
        try await LoopbackServer.serving(MemoryStorage()) { server in
            let digest = Digest(of: Array("abc".utf8))
            try await server.connected { connection in
                try await connection.send(
                    "POST /v2/a/b/blobs/uploads/?digest=\(digest) HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\n"
                        + "Content-Length: 3\r\n\r\n"
                )
                #expect(LoopbackAnswer(try #require(try await connection.next())).status == 100)
                try await connection.send("abc")
                #expect(LoopbackAnswer(try #require(try await connection.next())).status == 201)
            }
        }
    }

    @Test(
        "who leaves the server waiting is left, whatever the server waits for",
        arguments: [
            "", "GET /v2/ HTTP/1.1\r\nX: ",
            "POST /v2/a/b/blobs/uploads/?digest=x HTTP/1.1\r\nContent-Length: 9\r\n\r\na",
            "PATCH /v2/a/b/blobs/uploads/UPLOAD HTTP/1.1\r\nContent-Length: 9\r\n\r\na",
            "GET /v2/ HTTP/1.1\r\nHost: h\r\n\r\n",
        ],
        [false, true]
    )
    func idleTime(start: String, trickles: Bool) async throws {
        let limits = ServerLimits(connections: 9, idleTime: .seconds(2), crowdedIdleTime: .seconds(2))
        try await LoopbackServer.serving(MemoryStorage(), limits: limits) { server in
            let begun = try await server.request("POST", "/v2/a/b/blobs/uploads/", body: [])
            let upload = try #require(begun.headers["location"]?.split(separator: "/").last)
            try await server.connected { connection in
                try await connection.send(start.replacing("UPLOAD", with: upload))
                // A head that trickles is one that is waited for. A body that does is not.
                if trickles, !start.contains("PATCH") {
                    while (try? await connection.send("a")) != nil { try await Task.sleep(for: .milliseconds(20)) }
                }
                _ = await connection.rest()
            }
        }
    }

    @Test("more connections than there is room for wait; silent ones make room")
    func crowd() async throws {
        let limits = ServerLimits(connections: 4, idleTime: .seconds(600), crowdedIdleTime: .seconds(1))
        try await LoopbackServer.serving(MemoryStorage(), limits: limits) { server in
            try await withThrowingDiscardingTaskGroup { group in
                for _ in 0..<12 {
                    group.addTask { _ = try? await server.connected { connection in await connection.rest() } }
                }
                for _ in 0..<20 {
                    let status = try await server.request("GET", "/v2/").status
                    #expect(status == 200)
                }
                // Without a crowd the last silent ones may stay.
                group.cancelAll()
            }
        }
    }

    @Test("many clients that come and go while it ends don't trap it")
    func endings() async throws {
        for _ in 0..<20 {
            try await LoopbackServer.serving(MemoryStorage()) { server in
                try await withThrowingDiscardingTaskGroup { group in
                    for _ in 0..<40 {
                        group.addTask {
                            _ = try? await server.connected { connection in try await connection.send("GET /v2/") }
                        }
                    }
                    try await Task.sleep(for: .milliseconds(1))
                    group.cancelAll()
                }
            }
        }
    }
}
