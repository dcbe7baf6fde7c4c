import Testing

@Suite("Uploads in chunks, and limits on the rate", .needs(.dockerRegistry))
struct UploadChunkTests {
    /// Runs `body` with a package of an image whose layer has `mebibytes` MiB, and its reference.
    private func packaged(
        _ lab: Lab,
        _ mebibytes: Int,
        _ body: @Sendable (_ backend: String, _ reference: String) async throws -> Void
    ) async throws {
        try await lab.registry { backend in
            let pushed = try await lab.run("python3", [lab.script("large_blob.py"), backend, "\(mebibytes)"])
            try #require(pushed.status == 0, "\(pushed.log)")
            try lab.write("image: \(pushed.output)", to: "in.yml")
            let outcome = try await lab.kbld("pkg", "-f", "in.yml", "-o", "p.tar")
            try #require(outcome.status == 0, "\(outcome.log)")
            try await body(backend, pushed.output)
        }
    }

    private func expectWhole(_ lab: Lab, in repository: String) async throws {
        let outcome = try await lab.kbld("verify", "p.tar", "--against", repository, "--deep")
        #expect(outcome.status == 0, "\(outcome.log)")
    }

    @Test(
        "behind nginx with its limit of 1 MiB, uploads go in chunks, from a file, a registry and a pipe",
        .needs(.nginx)
    )
    func nginx() async throws {
        try await Lab.open { lab in
            try await packaged(lab, 5) { backend, _ in
                let arguments = [lab.script("nginx_limit.py"), backend, lab.folder, "1m"]
                try await lab.serve("python3", arguments) { port in
                    let host = "127.0.0.1:\(port)"
                    let unpackage = ["unpkg", "-f", "in.yml", "-i", "p.tar", "-r"]
                    let file = try await lab.run(Lab.program, unpackage + ["\(host)/file"])
                    #expect(file.status == 0, "\(file.log)")
                    let seen = String(decoding: try lab.read("nginx.log"), as: UTF8.self).split(separator: "\n")
                    // Whole, then 4, 2 and 1 MiB.
                    #expect(seen.filter { $0.hasSuffix(" 413") } == ["PUT 413", "PATCH 413", "PATCH 413"])
                    #expect(seen.filter { $0 == "PATCH 202" }.count == 5)
                    let relocated = try await lab.kbld("relocate", "-f", "in.yml", "-r", "\(host)/registry")
                    #expect(relocated.status == 0, "\(relocated.log)")
                    let pipe = "cat p.tar | \"$0\" unpkg -f in.yml -i - -r \(host)/pipe"
                    let piped = try await lab.run("sh", ["-c", pipe, Lab.program])
                    #expect(piped.status == 0, "\(piped.log)")
                    for name in ["file", "registry", "pipe"] { try await expectWhole(lab, in: "\(host)/\(name)") }
                    let whole = try await lab.run(Lab.program, unpackage + ["\(host)/off", "--upload-chunk", "off"])
                    #expect(whole.status == 1)
                    #expect(whole.log.contains("413"), "\(whole.log)")
                }
            }
        }
    }

    @Test("chunks that are cut off go on from what the registry has of them", arguments: ["cut", "reset", "lose"])
    func cutChunks(fault: String) async throws {
        try await Lab.open { lab in
            try await packaged(lab, 3) { _, _ in
                try await lab.serve(Lab.program, ["serve-registry", "--listen", "127.0.0.1:0"]) { port in
                    let faults = (0..<6).map { Fault(fault, "PATCH", "/blobs/uploads/", skip: $0 * 2) }
                    try await lab.faulty("127.0.0.1:\(port)", faults) { host in
                        let source = ["-f", "in.yml", "-i", "p.tar", "--upload-chunk", "256KiB"]
                        let outcome = try await lab.run(Lab.program, ["unpkg", "-r", host + "/cut"] + source)
                        #expect(outcome.status == 0, "\(outcome.log)")
                        let requests = try lab.requests()
                        #expect(requests.filter { $0.hasPrefix("POST ") }.count == 2, "\(requests)")
                        #expect(requests.filter { $0.contains(" \(fault) ") }.count >= 4, "\(requests)")
                    }
                    try await expectWhole(lab, in: "127.0.0.1:\(port)/cut")
                }
            }
        }
    }

    @Test("a rate limits downloads and uploads")
    func rate() async throws {
        try await Lab.open { lab in
            try await packaged(lab, 4) { backend, _ in
                for arguments in [
                    ["pkg", "-f", "in.yml", "-o", "q.tar"],
                    ["unpkg", "-f", "in.yml", "-i", "p.tar", "-r", "\(backend)/rate"],
                ] {
                    let clock = ContinuousClock()
                    let start = clock.now
                    let outcome = try await lab.run(Lab.program, arguments + ["--limit-rate", "4MiB/s"])
                    #expect(outcome.status == 0, "\(outcome.log)")
                    // 4 MiB, but for the tenth of a second at first.
                    #expect(clock.now - start > .milliseconds(880))
                }
                #expect(try lab.read("p.tar") == lab.read("q.tar"))
            }
        }
    }

    @Test(
        "rates and sizes that can't be are refused, with what is allowed",
        arguments: [
            ("--limit-rate", "0", "500k"), ("--limit-rate", "fast", "10MB/s"), ("--limit-rate", "999", "at least 1k"),
            ("--upload-chunk", "1k", "64KiB to 1GiB"), ("--upload-chunk", "on", "auto, off"),
            ("--upload-chunk", "2GiB", "64KiB to 1GiB"),
        ]
    )
    func values(flag: String, value: String, words: String) async throws {
        try await Lab.open { lab in
            let arguments = ["unpkg", "-f", "in.yml", "-i", "p.tar", "-r", "localhost/x", flag, value]
            let outcome = try await lab.run(Lab.program, arguments)
            #expect(outcome.status != 0)
            #expect(outcome.log.contains(flag) && outcome.log.contains(words), "\(outcome.log)")
        }
    }
}
