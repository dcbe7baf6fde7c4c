import ContainerImage
import LoopbackServer
import RegistryServer
import Testing

@Suite("What the embedded registry answers")
struct ProtocolTests {
    static let text = Array("0123456789".utf8)
    static let blob = Digest(of: text)

    /// Runs `body` with a registry that has one blob and one image `v1` in `a/b`.
    private func serving(
        _ body: @escaping @Sendable (LoopbackServer, _ image: [UInt8]) async throws -> Void
    ) async throws {
        try await LoopbackServer.serving(MemoryStorage()) { server in
            let pushed = try await server.request("POST", "/v2/a/b/blobs/uploads/?digest=\(Self.blob)", body: Self.text)
            #expect(pushed.status == 201)
            let image = Self.manifest(#""config":\#(Self.descriptor("a/b")),"layers":[]"#)
            #expect(try await server.put(image, "v1").status == 201)
            try await body(server, image)
        }
    }

    static func descriptor(_ type: String) -> String {
        #"{"mediaType":"\#(type)","digest":"\#(blob)","size":10}"#
    }

    static func manifest(_ content: String, _ type: MediaType = .ociManifest) -> [UInt8] {
        Array(#"{"schemaVersion":2,"mediaType":"\#(type)",\#(content)}"#.utf8)
    }

    @Test(
        "ranges of any numbers give what there is",
        arguments: [
            ("bytes=0-9223372036854775807", "0123456789"), ("bytes=3-9223372036854775808", "3456789"),
            ("bytes=2-18446744073709551615", "23456789"), ("bytes=-9223372036854775807", "0123456789"),
            ("bytes=-99999999999999999999", "0123456789"), ("bytes=9-9", "9"), ("bytes=-3", "789"), ("bytes=8-", "89"),
            ("bytes=10-", nil), ("bytes=9223372036854775807-", nil), ("bytes=99999999999999999999-", nil),
            ("bytes=-0", nil), ("bytes=5-3", "0123456789"), ("bytes=+1-2", "0123456789"),
            ("bytes=1-2,4-5", "0123456789"), ("bytes=--5", "0123456789"), ("bytes=", "0123456789"),
            ("bytes=-", "0123456789"), ("octets=1-2", "0123456789"),
        ] as [(String, String?)]
    )
    func ranges(range: String, expected: String?) async throws {
        try await serving { server, _ in
            let answer = try await server.request("GET", "/v2/a/b/blobs/\(Self.blob)", ["Range": range])
            #expect(answer.status == (expected == nil ? 416 : expected?.count == 10 ? answer.status : 206))
            if let expected {
                #expect(answer.text == expected)
            } else {
                #expect(answer.headers["content-range"] == "bytes */10")
            }
        }
    }

    @Test(
        "chunks whose positions don't fit are refused with what is there",
        arguments: [
            "0-9223372036854775807", "0-18446744073709551615", "9223372036854775807-9223372036854775807", "1-10",
            "0-8", "0-10", "5-4", "-1-8", "0", "", "a-b", "bytes 0-9223372036854775806/*",
        ]
    )
    func chunks(range: String) async throws {
        try await serving { server, _ in
            for method in ["PATCH", "PUT"] {
                let begun = try await server.request("POST", "/v2/a/b/blobs/uploads/", body: [])
                let location = try #require(begun.headers["location"])
                let path = method == "PUT" ? location + "?digest=\(Self.blob)" : location
                let refused = try await server.request(method, path, ["Content-Range": range], body: Self.text)
                #expect(refused.status == 416, "\(method) \(range)")
                let rest = try await server.request("PUT", location + "?digest=\(Self.blob)", body: Self.text)
                #expect(rest.status == 201)
            }
        }
    }

    @Test("conditions are those of RFC 9110")
    func conditions() async throws {
        try await serving { server, image in
            let tag = "\"\(Self.blob)\""
            let cases: [(headers: [String: String], status: Int)] = [
                (["Range": "bytes=0-3", "If-Range": tag], 206), (["Range": "bytes=0-3", "If-Range": "\"other\""], 200),
                (["Range": "bytes=0-3", "If-Range": "W/" + tag], 200),
                (["Range": "bytes=0-3", "If-Range": "Sat, 28 Nov 2026 00:00:00 GMT"], 200),
                (["If-Match": tag], 200), (["If-Match": "\"x\", " + tag], 200), (["If-Match": "*"], 200),
                (["If-Match": "\"x\""], 412), (["If-Match": "W/" + tag], 412), (["If-None-Match": tag], 304),
                (["If-None-Match": "W/" + tag], 304), (["If-None-Match": "\"x\""], 200),
                (["If-None-Match": tag, "If-Match": "\"x\""], 412),
            ]
            for method in ["GET", "HEAD"] {
                for (headers, status) in cases {
                    let answer = try await server.request(method, "/v2/a/b/blobs/\(Self.blob)", headers)
                    #expect(answer.status == (method == "HEAD" && status == 206 ? 200 : status), "\(method) \(headers)")
                }
                let other = try await server.request(method, "/v2/a/b/manifests/v1", ["If-Match": "\"x\""])
                #expect(other.status == 412)
                let same = ["If-Match": "\"\(Digest(of: image))\""]
                #expect(try await server.request(method, "/v2/a/b/manifests/v1", same).status == 200)
            }
        }
    }

    @Test("what can't be done says what can")
    func allowedMethods() async throws {
        try await serving { server, _ in
            for (path, allowed) in [
                ("/", "GET, HEAD"), ("/v2/", "GET, HEAD"), ("/v2/a/b/tags/list", "GET, HEAD"),
                ("/v2/a/b/manifests/v1", "GET, HEAD, PUT, DELETE"), ("/v2/a/b/blobs/\(Self.blob)", "GET, HEAD, DELETE"),
                ("/v2/a/b/blobs/uploads/", "POST"), ("/v2/a/b/blobs/uploads/1", "GET, PATCH, PUT, DELETE"),
            ] {
                let answer = try await server.request("OPTIONS", path)
                #expect(answer.status == 405)
                #expect(answer.headers["allow"] == allowed, "\(path)")
            }
        }
        let packages = await PackageContent([])
        try await LoopbackServer.serving(packages) { server in
            #expect(try await server.request("PUT", "/v2/a/b/manifests/v1", body: []).headers["allow"] == "GET, HEAD")
            #expect(try await server.request("POST", "/v2/a/b/blobs/uploads/", body: []).status == 405)
            let other = try await server.request("GET", "/v2/a/b/manifests/v1?ns=docker.io")
            #expect(other.headers["oci-namespace"] == "docker.io")
        }
    }

    @Test("a manifest is kept under the type that it names itself, or refused")
    func mediaTypes() async throws {
        try await serving { server, image in
            let untyped = Array(#"{"schemaVersion":2,"config":\#(Self.descriptor("a/b")),"layers":[]}"#.utf8)
            let list = Self.manifest(#""manifests":[]"#, .dockerManifestList)
            let cases: [(bytes: [UInt8], type: MediaType?, status: Int, kept: MediaType)] = [
                (image, nil, 201, .ociManifest), (list, nil, 201, .dockerManifestList),
                (untyped, nil, 400, .ociManifest),
                (untyped, .dockerManifest, 201, .dockerManifest), (list, .ociManifest, 400, .ociManifest),
                (list, .ociIndex, 400, .ociIndex), (image, .dockerManifest, 400, .dockerManifest),
            ]
            for (bytes, type, status, kept) in cases {
                let headers = type.map { ["Content-Type": $0.text] } ?? [:]
                let path = "/v2/a/b/manifests/\(Digest(of: bytes))"
                _ = try await server.request("DELETE", path)
                #expect(try await server.request("PUT", path, headers, body: bytes).status == status)
                if status == 201 {
                    #expect(try await server.request("GET", path).headers["content-type"] == kept.text)
                }
            }
        }
    }

    @Test("tags are those of the specification")
    func tags() async throws {
        try await serving { server, image in
            for tag in [".", "..", ".x", "-x", String(repeating: "a", count: 129), "a%2Fb", "a%20b"] {
                #expect((400..<500).contains(try await server.put(image, tag).status), "\(tag)")
            }
            for tag in ["_x", "0", "A.b-c_d", String(repeating: "a", count: 128)] {
                #expect(try await server.put(image, tag).status == 201, "\(tag)")
            }
            let digest = Digest(of: image)
            let several = try await server.put(image, "\(digest)?tag=one&tag=two")
            #expect(several.headers["oci-tag"] == "one, two")
            #expect(try await server.request("HEAD", "/v2/a/b/manifests/two").status == 200)
            #expect(try await server.put(image, "\(digest)?tag=..").status == 400)
        }
    }

    @Test("an index may lead to blobs that are there, and to nothing that isn't")
    func indexesOfBlobs() async throws {
        try await serving { server, _ in
            let cache = Self.manifest(#""manifests":[\#(Self.descriptor("application/x"))]"#, .ociIndex)
            let taken = try await server.put(cache, "cache", .ociIndex)
            #expect(taken.status == 201)
            let other = String(decoding: cache, as: UTF8.self).replacing("\(Self.blob)", with: "\(Digest(of: [1]))")
            let refused = try await server.put(Array(other.utf8), "cache", .ociIndex)
            #expect(refused.status == 404)
        }
    }

    @Test("an empty type of an artifact is none: its config's is listed", arguments: [nil, "", "a/c"])
    func artifactTypes(type: String?) async throws {
        try await serving { server, image in
            let subject =
                #"{"mediaType":"\#(MediaType.ociManifest)","digest":"\#(Digest(of: image))","size":\#(image.count)}"#
            let own = type.map { #","artifactType":"\#($0)""# } ?? ""
            let artifact = Self.manifest(
                #""config":\#(Self.descriptor("a/b")),"layers":[],"subject":\#(subject)"# + own
            )
            #expect(try await server.put(artifact, "s").status == 201)
            let list = try await server.request("GET", "/v2/a/b/referrers/\(Digest(of: image))")
            #expect(list.text.contains(#""artifactType":"\#(type == "a/c" ? "a/c" : "a/b")""#), "\(list.text)")
        }
    }

    @Test("content is taken, found and checked by its SHA-512 digest", arguments: ["", "?digest-algorithm=sha512"])
    func longDigests(query: String) async throws {
        try await serving { server, _ in
            let digest = Digest(of: Self.text, by: .sha512)
            for (given, status) in [(Digest(of: [1], by: .sha512), 400), (digest, 201)] {
                let begun = try await server.request("POST", "/v2/a/b/blobs/uploads/" + query, body: [])
                let location = try #require(begun.headers["location"])
                #expect(try await server.request("PATCH", location, body: Array(Self.text[..<4])).status == 202)
                let ended = try await server.request("PUT", "\(location)?digest=\(given)", body: Array(Self.text[4...]))
                #expect(ended.status == status)
            }
            let got = try await server.request("GET", "/v2/a/b/blobs/\(digest)")
            #expect(got.body == Self.text && got.headers["docker-content-digest"] == "\(digest)")
            let absent = Digest(of: [1], by: .sha512)
            #expect(try await server.request("GET", "/v2/a/b/blobs/\(absent)").status == 404)
            #expect(try await server.request("POST", "/v2/a/b/blobs/uploads/?digest-algorithm=md5").status == 400)
            let config = #"{"mediaType":"a/b","digest":"\#(digest)","size":10}"#
            let image = Self.manifest(#""config":\#(config),"layers":[]"#)
            let name = Digest(of: image, by: .sha512)
            #expect(try await server.put(image, "\(name)?tag=long").headers["docker-content-digest"] == "\(name)")
            #expect(try await server.request("GET", "/v2/a/b/manifests/long").body == image)
        }
    }

    @Test("the HTML page ends for any tree of indexes, of whatever sizes")
    func page() async throws {
        try await serving { server, _ in
            let layers = (0..<1000).map { number in
                let digest = Digest(of: [UInt8(number / 256), UInt8(number % 256)])
                return #"{"mediaType":"a.foreign.b","size":\#(Descriptor.sizeLimit),"digest":"\#(digest)"}"#
            }
            let image = Self.manifest(
                #""config":\#(Self.descriptor("a/b")),"layers":[\#(layers.joined(separator: ","))]"#
            )
            #expect(try await server.put(image, "large").status == 201)
            var entries = [
                #"{"mediaType":"\#(MediaType.ociManifest)","digest":"\#(Digest(of: image))","size":\#(image.count)}"#
            ]
            for level in 0..<7 {
                var next: [String] = []
                for number in 0..<20 {
                    let index = Self.manifest(
                        #""manifests":[\#(entries.joined(separator: ","))],"annotations":{"n":"\#(level) \#(number)"}"#,
                        .ociIndex
                    )
                    #expect(try await server.put(index, "i-\(level)-\(number)", .ociIndex).status == 201)
                    next.append(
                        #"{"mediaType":"\#(MediaType.ociIndex)","digest":"\#(Digest(of: index))","size":\#(index.count)}"#
                    )
                }
                entries = next
            }
            let page = try await server.request("GET", "/")
            #expect(page.status == 200 && page.text.contains("</html>"))
        }
    }
}

extension LoopbackServer {
    func put(
        _ manifest: [UInt8],
        _ reference: String,
        _ type: MediaType = .ociManifest
    ) async throws -> LoopbackAnswer {
        try await request("PUT", "/v2/a/b/manifests/\(reference)", ["Content-Type": type.text], body: manifest)
    }
}
