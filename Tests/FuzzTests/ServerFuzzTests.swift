import ContainerImage
import LoopbackServer
import NIOCore
import RegistryServer
import Testing

@Suite("Whatever a registry is sent, it answers and goes on")
struct ServerFuzzTests {
    private static let text = Array("0123456789abcdef".utf8)
    private static let blob = "\(Digest(of: text))"
    private static let long = "\(Digest(of: text, by: .sha512))"
    private static let manifest =
        #"{"schemaVersion":2,"mediaType":"\#(MediaType.ociManifest)","config":{"mediaType":"a/b","size":16,"#
        + #""digest":"\#(blob)"},"layers":[]}"#

    private static func request(_ line: String, _ headers: [String] = [], body: String? = nil) -> String {
        let length = body.map { ["Content-Length: \($0.utf8.count)"] } ?? []
        return ([line + " HTTP/1.1", "Host: h"] + headers + length).joined(separator: "\r\n") + "\r\n\r\n"
            + (body ?? "")
    }

    /// What people send, from which the rest is made. `UPLOAD` stands for an upload that is under way.
    private static let requests = [
        request("GET /"), request("GET /v2/"), request("GET /v2/_catalog?n=1&last=a"),
        request("GET /v2/a/b/tags/list?n=9&last=x"), request("HEAD /v2/a/b/manifests/v1", ["Accept: */*"]),
        request("GET /v2/a/b/referrers/\(blob)?artifactType=a%2Fb"),
        request("GET /v2/a/b/blobs/\(blob)", ["Range: bytes=3-9", "If-Range: \"\(blob)\"", "If-Match: *"]),
        request("GET /v2/a/b/blobs/\(long)?ns=docker.io", ["Range: bytes=-5"]),
        request("POST /v2/a/b/blobs/uploads/?digest=\(blob)", body: "0123456789abcdef"),
        request("POST /v2/a/c/blobs/uploads/?mount=\(blob)&from=a/b", body: ""),
        request("POST /v2/a/b/blobs/uploads/?digest-algorithm=sha512", body: ""),
        request("GET /v2/a/b/blobs/uploads/UPLOAD"),
        request("PATCH /v2/a/b/blobs/uploads/UPLOAD", ["Content-Range: 0-15"], body: "0123456789abcdef"),
        request("PATCH /v2/a/b/blobs/uploads/UPLOAD", ["Transfer-Encoding: chunked"])
            + "10\r\n0123456789abcdef\r\n0\r\n\r\n",
        request("PUT /v2/a/b/blobs/uploads/UPLOAD?digest=\(blob)", ["Content-Range: 16-31"], body: "0123456789abcdef"),
        request("PUT /v2/a/b/blobs/uploads/UPLOAD?digest=\(long)", ["Expect: 100-continue"], body: "0123456789abcdef"),
        request("DELETE /v2/a/b/blobs/uploads/UPLOAD"), request("DELETE /v2/a/b/blobs/\(blob)"),
        request("PUT /v2/a/b/manifests/v1", ["Content-Type: \(MediaType.ociManifest)"], body: manifest),
        request("DELETE /v2/a/b/manifests/v1", ["Connection: close"]),
        request("GET /v2/a/b/manifests/v1").replacing("HTTP/1.1", with: "HTTP/1.0"),
    ]

    @Test("no request ends it, and what it acknowledges is what it has", .timeLimit(.minutes(10)))
    func requests() async throws {
        let storage = MemoryStorage()
        try await LoopbackServer.serving(storage) { server in
            var fuzzer = Fuzzer(
                "server",
                seeds: Self.requests + [Self.requests.joined()],
                words: [
                    "9223372036854775807", "18446744073709551615", "-", "bytes=", "0-9223372036854775807",
                    "9223372036854775806-9223372036854775807", "\r\n", "Content-Range: ", "Range: ", "Content-Length: ",
                    "%2e%2e", "..", "/", "?digest=", Self.blob, Self.long, "UPLOAD", "{", "\"size\":", "é", "\0",
                ]
            )
            var upload = ""
            var count = 0
            try await fuzzer.run { bytes in
                if count % 8 == 0 {
                    _ = try await server.request("POST", "/v2/a/b/blobs/uploads/?digest=\(Self.blob)", body: Self.text)
                    let begun = try await server.request("POST", "/v2/a/b/blobs/uploads/", body: [])
                    #expect(begun.status == 202)
                    upload = begun.headers["location"]?.split(separator: "/").last.map { String($0) } ?? ""
                }
                count += 1
                let sent = Array(String(decoding: bytes, as: UTF8.self).replacing("UPLOAD", with: upload).utf8)
                let received = String(decoding: try await server.exchange(sent), as: UTF8.self)
                for answer in received.split(separator: "HTTP/1.1 ") where answer.hasPrefix("201") {
                    try await Self.check(LoopbackAnswer(Array(("HTTP/1.1 " + answer).utf8)), storage)
                }
            }
            #expect(try await server.request("GET", "/").status == 200)
        }
    }

    /// What has been taken has the bytes of its digest; it may be gone again.
    private static func check(_ answer: LoopbackAnswer, _ storage: MemoryStorage) async throws {
        let parts = try #require(answer.headers["location"]).split(separator: "/").map { String($0) }
        let digest = try Digest(try #require(parts.last))
        let name = parts[1..<(parts.count - 2)].joined(separator: "/")
        if parts[parts.count - 2] == "blobs" {
            guard let size = storage.size(of: digest, in: name) else { return }
            var bytes: [UInt8] = []
            while Int64(bytes.count) < size {
                let piece = storage.read(digest, at: Int64(bytes.count), count: Int(size))
                bytes += Array(piece.readableBytesView)
            }
            #expect(digest.matches(bytes))
        } else if let manifest = storage.manifest(digest, in: name) {
            #expect(digest.matches(manifest.bytes))
        }
    }
}
