import Testing

@Suite("Reading through mirrors", .needs())
struct ReadingMirrorTests {
    /// Runs `body` with three registries that log their requests: an origin and two mirrors.
    private func registries(
        _ lab: Lab,
        _ body:
            @escaping @Sendable (_ hosts: [String], _ requests: @escaping @Sendable (Int) throws -> [String])
            async throws -> Void
    ) async throws {
        @Sendable func serve(
            _ hosts: [String],
            _ body: @escaping @Sendable ([String]) async throws -> Void
        ) async throws {
            guard hosts.count < 3 else { return try await body(hosts) }
            let log = "\(lab.folder)/\(hosts.count).log"
            let command = "exec \"\(Lab.program)\" serve-registry --listen 127.0.0.1:0 --access-log 2> \"\(log)\""
            try await lab.serve("sh", ["-c", command]) { port in try await serve(hosts + ["127.0.0.1:\(port)"], body) }
        }
        try await serve([]) { hosts in
            try await body(hosts) { number in
                try lab.text("\(number).log").split(separator: "\n")
                    .compactMap { $0.split(separator: "\"").dropFirst().first.map(String.init) }
                    .filter { $0.hasSuffix(" HTTP/1.1") }
            }
        }
    }

    @Test("the same package comes from a mirror, and the registry itself is asked for nothing")
    func package() async throws {
        try await Lab.open { lab in
            try await registries(lab) { hosts, requests in
                let image = try #require(try await lab.push("basic", to: hosts[0])["docker"])
                let path = try #require(image.split(separator: "@").first?.dropFirst(hosts[0].count + 1))
                try lab.write("image: \(image)\n", to: "in.yml")
                try await lab.succeed(Lab.program, ["pkg", "-f", "in.yml", "-o", "direct.tar"])
                try await lab.succeed(Lab.program, ["copy", image, "\(hosts[2])/\(path):1"])
                let before = try (0..<3).map { try requests($0).count }
                let mirrors = [
                    "--registry-mirror", "\(hosts[0])=\(hosts[1])", "--registry-mirror", "\(hosts[0])=\(hosts[2])",
                ]
                try await lab.succeed(Lab.program, ["pkg", "-f", "in.yml", "-o", "mirrored.tar"] + mirrors)
                #expect(try lab.read("mirrored.tar") == lab.read("direct.tar"))
                #expect(try requests(0).count == before[0])
                let missed = try requests(1).dropFirst(before[1])
                #expect(missed.contains { $0.contains("/manifests/") })
                #expect(try requests(2).count > before[2])
                // By tag, and by the files of others.
                try lab.write("image: \(hosts[0])/\(path):1\n", to: "tag.yml")
                try lab.write(
                    "[[registry]]\nlocation = \"\(hosts[0])\"\n[[registry.mirror]]\nlocation = \"\(hosts[2])\"\n",
                    to: "registries.conf"
                )
                let resolved = try await lab.kbld("-f", "tag.yml", "--registries-conf", "registries.conf")
                #expect(resolved.status == 0 && resolved.output.contains(image), "\(resolved.log)")
                #expect(resolved.log.contains("mirror \(hosts[2]) gave \(hosts[0])/\(path):1"), "\(resolved.log)")
                let folder = "certs.d/" + hosts[0].replacing(":", with: "_") + "_"
                try await lab.succeed("mkdir", ["-p", folder])
                try lab.write("[host.\"http://\(hosts[2])\"]\n", to: folder + "/hosts.toml")
                let contained = try await lab.kbld("-f", "tag.yml", "--hosts-dir", "certs.d", "--registry-mirror-only")
                #expect(contained.status == 0, "\(contained.log)")
                #expect(try requests(2).last?.contains("ns=\(hosts[0])") == true)
                // What can't be reached doesn't matter, unless nothing else may be asked.
                let nowhere = ["-f", "in.yml", "-o", "x.tar", "--registry-mirror", "\(hosts[0])=127.0.0.1:1"]
                try await lab.succeed(Lab.program, ["pkg"] + nowhere)
                let refused = try await lab.run(Lab.program, ["pkg"] + nowhere + ["--registry-mirror-only"])
                #expect(refused.status == 1 && refused.log.contains("127.0.0.1:1"))
            }
        }
    }
}
