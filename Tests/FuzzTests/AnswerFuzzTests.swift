import ContainerImage
import HTTPTransport
import ImageStore
import LoopbackServer
import RegistryClient
import Testing

@Suite("Whatever a registry answers, it is taken or refused")
struct AnswerFuzzTests {
    private static let manifest =
        #"{"schemaVersion":2,"config":{"mediaType":"a/b","digest":"sha256:\#(digest)","size":2}}"#
    private static let digest = String(repeating: "0f", count: 32)
    private static let link = #"Link: </v2/a/b/tags/list?last=v2&n=1>; rel="next""#

    private static func answer(_ status: String, _ headers: [String], _ body: String = "") -> String {
        let lines = ["HTTP/1.1 \(status)"] + headers + ["Content-Length: \(body.utf8.count)"]
        return lines.joined(separator: "\r\n") + "\r\n\r\n" + body
    }

    private static let seeds = [
        answer("200 OK", ["Content-Type: application/json", link], #"{"name":"a/b","tags":["v1","v2"]}"#),
        answer(
            "200 OK",
            [
                "Content-Type: application/vnd.oci.image.manifest.v1+json",
                "Docker-Content-Digest: sha256:\(digest)", "ETag: \"x\"",
            ],
            manifest
        ),
        answer("206 Partial Content", ["Content-Range: bytes 0-2/3", "Content-Type: text/html"], "abc"),
        answer("307 Temporary Redirect", ["Location: /v2/a/../b?x=%zz#y"]),
        answer("301 Moved Permanently", ["Location: http+unix://%2Fx/y"]),
        answer(
            "401 Unauthorized",
            ["WWW-Authenticate: Bearer realm=\"http://127.0.0.1:1/token\",service=\"x\",scope=\"repository:a/b:pull\""],
            #"{"errors":[{"code":"UNAUTHORIZED","message":"no","detail":null}]}"#
        ),
        answer("429 Too Many Requests", ["Retry-After: 3600"]),
        answer("503 Busy", ["Retry-After: Wed, 21 Oct 2099 07:28:00 GMT"], "<html>"),
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n3\r\n\u{1F}ab\r\n0\r\n\r\n",
        "HTTP/1.0 202 Accepted\r\nLocation: ?x\r\n\r\n", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
    ]

    @Test("every request comes to an end, and nothing with another digest is a manifest")
    func answers() async throws {
        let server = try await AnsweringServer()
        var options = RegistryOptions()
        options.retries.attempts = 1
        options.idleTimeoutSeconds = 1
        // Every request would wait for as long as the answer before it asked for.
        options.retries.longestRetryAfterSeconds = 1
        let repository = try Repository("\(server.host)/a/b")
        let digest = try Digest("sha256:" + Self.digest)
        var fuzzer = Fuzzer(
            "answers",
            seeds: Self.seeds,
            words: [
                "\r\n", ": ", ";", ",", "<", ">", "\"", "rel=", "next", "Location: ", "Link: ", "Retry-After: ", "200",
                "401", "307", "000", "100", "é", "\0", "Content-Length: ", "Transfer-Encoding: chunked\r\n",
                "HTTP/1.1 ",
            ]
        )
        try await fuzzer.run { bytes in
            server.answer(with: bytes)
            let client = try RegistryClient(options: options, credentials: .anonymous)
            let remote = client.repository(repository)
            let time = await ContinuousClock().measure {
                _ = try? await remote.tags()
                _ = try? await remote.referrers(of: digest)
                if let manifest = try? await remote.manifest(digest) { #expect(manifest.digest == digest) }
                if let tag = try? Tag("v1") { _ = try? await remote.resolve(tag) }
            }
            #expect(time < .seconds(20), "\(String(decoding: bytes, as: UTF8.self))")
            await client.shutdown()
        }
        await server.stop()
    }

    @Test("links and the addresses in them are read or refused")
    func links() async {
        var fuzzer = Fuzzer(
            "links",
            seeds: [
                Self.link, #"</x>; rel="first", <http://h/y>; rel=next"#, "/x; rel='next'",
                #"<?a="b">;title="a\"";rel=a"#,
            ],
            words: ["<", ">", ";", ",", "\"", "'", "\\", "rel", "=", "next", " ", "\t", "é", "../", "%", "[", "#"]
        )
        let base = HTTPAddress("https://r.io/v2/a/b/tags/list?n=1")
        await fuzzer.run { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            guard let next = try? LinkHeader([text]).next, let url = base?.resolving(next) else { return }
            #expect(url.text.utf8.allSatisfy { $0 > 32 && $0 < 127 }, "\(text)")
            #expect(!url.text.contains("#") && HTTPAddress(url.text) == url, "\(text)")
        }
    }
}
