import Testing

@Suite("What transfers cost", .needs(.dockerRegistry))
struct TransferCostTests {
    /// Runs `body` with a registry that logs its requests; `body` gets its host and reads the log.
    private func logged(
        _ lab: Lab,
        _ body: @Sendable (_ host: String, _ requests: @Sendable () throws -> [String]) async throws -> Void
    ) async throws {
        try lab.write(
            """
            version: 0.1
            log: {level: error}
            storage: {filesystem: {rootdirectory: \(lab.folder)/registry}}
            http: {addr: '127.0.0.1:0'}
            """,
            to: "registry.yml"
        )
        let serve = "exec docker-registry serve \(lab.folder)/registry.yml > \(lab.folder)/requests.log 2>&1"
        try await lab.serve("sh", ["-c", serve]) { port in
            try await body("127.0.0.1:\(port)") {
                // Lines of the combined log format: … "METHOD PATH HTTP/1.1" …
                String(decoding: try lab.read("requests.log"), as: UTF8.self).split(separator: "\n")
                    .compactMap { $0.split(separator: "\"").dropFirst().first }
                    .filter { $0.hasSuffix(" HTTP/1.1") }
                    .map { $0.dropLast(9).description }
            }
        }
    }

    @Test("unpackaging again takes one HEAD an image, index entry and blob, and nothing asks for /v2/ itself")
    func again() async throws {
        try await Lab.open { lab in
            try await logged(lab) { host, requests in
                let images = try await lab.push("basic", to: host)
                try lab.write(images.values.map { "image: \($0)\n" }.sorted().joined(separator: "---\n"), to: "in.yml")
                let pushed = try requests().count
                #expect(try await lab.kbld("pkg", "-f", "in.yml", "-o", "p.tar").status == 0)
                #expect(try await lab.kbld("unpkg", "-f", "in.yml", "-i", "p.tar", "-r", host + "/a/b").status == 0)
                let first = try requests()
                #expect(first.count > pushed)
                #expect(!first.dropFirst(pushed).contains { $0.hasSuffix(" /v2/") })
                #expect(try await lab.kbld("unpkg", "-f", "in.yml", "-i", "p.tar", "-r", host + "/a/b").status == 0)
                let again = try requests().dropFirst(first.count)
                #expect(again.allSatisfy { $0.hasPrefix("HEAD /v2/a/b/") }, "\(again)")
                #expect(Set(again).count == again.count)
                #expect(again.filter { $0.contains("/manifests/kbld-") }.count == images.count)
                let uploads = first.dropFirst(pushed).filter { $0.hasPrefix("PUT /v2/a/b/blobs/uploads/") }
                #expect(again.filter { $0.contains("/blobs/sha256:") }.count == uploads.count, "\(again)")
            }
        }
    }

    @Test("relocating within a registry mounts blobs and sends none")
    func mounts() async throws {
        try await Lab.open { lab in
            try await logged(lab) { host, requests in
                let image = try #require(try await lab.push("basic", to: host)["docker"])
                try lab.write("image: \(image)\n", to: "in.yml")
                let pushed = try requests().count
                #expect(try await lab.kbld("relocate", "-f", "in.yml", "-r", host + "/moved").status == 0)
                let made = try requests().dropFirst(pushed)
                let posts = made.filter { $0.hasPrefix("POST ") }
                #expect(posts.count == 3)
                #expect(posts.filter { $0.contains("mount=sha256:") && $0.contains("from=lib") }.count == 3, "\(posts)")
                #expect(!made.contains { $0.hasPrefix("PUT ") && $0.contains("/blobs/uploads/") }, "\(made)")
            }
        }
    }

    @Test("a layer of 256 MiB takes no more than 32 MiB of memory")
    func memory() async throws {
        try await Lab.open { lab in
            try await logged(lab) { host, _ in
                let pushed = try await lab.run("python3", [lab.script("large_blob.py"), host, "256"])
                try #require(pushed.status == 0, "\(pushed.log)")
                try lab.write("image: \(pushed.output)", to: "in.yml")
                func peak(_ arguments: String...) async throws -> Int {
                    let all = [lab.script("peak_memory.py"), Lab.program] + arguments
                    let outcome = try await lab.run("python3", all)
                    try #require(outcome.status == 0, "\(outcome.log)")
                    return try #require(Int(outcome.output.dropLast())) / 1024
                }
                let base = try await peak("version")
                let packaged = try await peak("pkg", "-f", "in.yml", "-o", "p.tar")
                #expect(packaged > base && packaged <= base + 32, "\(packaged) MiB, \(base) MiB without a transfer")
                let sent = try await peak("unpkg", "-f", "in.yml", "-i", "p.tar", "-r", host + "/a")
                #expect(sent > base && sent <= base + 32, "\(sent) MiB, \(base) MiB without a transfer")
            }
        }
    }
}
