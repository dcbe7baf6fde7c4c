import Testing

@Suite("Sparse indexes of and for others", .needs(.dockerRegistry, .containerd, .ctr, .openssl, .podman))
struct SparseLayoutTests {
    /// Runs `body` while containerd does, with what `ctr` needs to reach it.
    private func containerd<Value: Sendable>(
        in lab: Lab,
        _ body: @Sendable (_ ctr: @Sendable ([String]) async throws -> Lab.Outcome) async throws -> Value
    ) async throws -> Value {
        // Its address for figures has a port; by that it is known to be there.
        try lab.write(
            """
            version = 2
            root = "\(lab.folder)/root"
            state = "\(lab.folder)/state"
            disabled_plugins = ["io.containerd.grpc.v1.cri"]
            [grpc]
              address = "\(lab.folder)/c.sock"
            [ttrpc]
              address = "\(lab.folder)/t.sock"
            [metrics]
              address = "127.0.0.1:0"
            """,
            to: "containerd.toml"
        )
        return try await lab.serve("containerd", ["--config", lab.folder + "/containerd.toml"]) { _ in
            try await body { arguments in
                try await lab.run("ctr", ["--address", lab.folder + "/c.sock", "--connect-timeout", "20s"] + arguments)
            }
        }
    }

    @Test("containerd takes a sparse layout, and what it exports of one platform is installed, whole or not at all")
    func containerd() async throws {
        try await Lab.open { lab in
            try await lab.registry { registry in
                let pinned = try #require(try await lab.push("basic", to: registry)["index"])
                try lab.write("image: \(pinned)\n", to: "in.yml")
                let digest = try #require(pinned.split(separator: "@").last)
                let sparse = ["--platform", "linux/amd64", "--sparse"]
                let arguments = ["pkg", "-f", "in.yml", "-o", "oci.tar", "--format", "oci"]
                try await lab.succeed(Lab.program, arguments + sparse)
                try await containerd(in: lab) { ctr in
                    let taken = try await ctr(["images", "import", "--no-unpack", "oci.tar"])
                    #expect(taken.status == 0, "\(taken.log)")
                    let all = try await ctr(["images", "import", "--no-unpack", "--all-platforms", "oci.tar"])
                    #expect(all.status != 0)
                    for arguments in [
                        ["content", "fetch", "--plain-http", "--platform", "linux/amd64", pinned],
                        ["images", "export", "--platform", "linux/amd64", "exported.tar", pinned],
                    ] {
                        let outcome = try await ctr(arguments)
                        try #require(outcome.status == 0, "\(outcome.log)")
                    }
                }
                let serving = ["serve-registry", "--listen", "127.0.0.1:0", "--accept-sparse", "all"]
                try await lab.serve(Lab.program, serving) { port in
                    let repository = "127.0.0.1:\(port)/to"
                    let unpackage = ["unpkg", "-f", "in.yml", "-i", "exported.tar", "-r"]
                    let moved = try await lab.run(Lab.program, unpackage + [repository])
                    #expect(moved.output.contains("image: \(repository)@\(digest)\n"), "\(moved.log)")
                    #expect(moved.log.contains("is sparse: linux/arm64/v8, linux/arm/v7, linux/arm/v6 not included"))
                    let whole = try await lab.run(Lab.program, unpackage + [repository, "--whole"])
                    #expect(whole.status == 1 && whole.log.contains("is not whole"), "\(whole.log)")
                }
                let verified = try await lab.kbld("verify", "exported.tar", "-f", "in.yml")
                #expect(verified.status == 0, "\(verified.output)")
                let strict = try await lab.kbld("verify", "exported.tar", "--whole")
                #expect(strict.status == 1)
                let seen = try await lab.kbld("package", "inspect", "exported.tar")
                #expect(seen.output.contains("linux/amd64 of 4"), "\(seen.output)")
                // One platform under a new digest goes where sparse indexes don't.
                let filtered = ["unpkg", "-f", "in.yml", "-i", "exported.tar", "-r", registry + "/one"]
                let refused = try await lab.run(Lab.program, filtered)
                #expect(refused.log.contains("or install one platform: --platform linux/amd64 without --sparse\n"))
                let one = try await lab.run(Lab.program, filtered + ["--platform", "linux/amd64"])
                #expect(one.status == 0 && one.log.contains("0 B uploaded"), "\(one.log)")
                #expect(try await lab.tags(registry + "/one").count == 1)
            }
        }
    }

    @Test("signatures of an index verify after a sparse journey, and podman pulls its platform from a sparse package")
    func signatures() async throws {
        try await Lab.open { lab in
            try await lab.registry { registry in
                let pinned = try #require(try await lab.push("basic", to: registry)["index"])
                try lab.write("image: \(pinned)\n", to: "in.yml")
                let digest = try #require(pinned.split(separator: "@").last)
                let script = lab.script("index_signature.py")
                try await lab.succeed("python3", [script, "sign", pinned, lab.folder])
                let sparse = ["--platform", "linux/amd64", "--sparse", "--referrers", "--cosign"]
                try await lab.succeed(Lab.program, ["pkg", "-f", "in.yml", "-o", "p.tar"] + sparse)
                let serving = ["serve-registry", "--listen", "127.0.0.1:0", "--accept-sparse", "linux/amd64"]
                try await lab.serve(Lab.program, serving) { port in
                    let host = "127.0.0.1:\(port)"
                    try await lab.succeed(Lab.program, ["unpkg", "-f", "in.yml", "-i", "p.tar", "-r", host + "/a"])
                    try await lab.succeed(Lab.program, ["relocate", "-f", "in.yml", "-r", host + "/b"] + sparse)
                    for name in ["a", "b"] {
                        let checked = try await lab.run(
                            "python3",
                            [script, "check", "\(host)/\(name)@\(digest)", lab.folder]
                        )
                        #expect(checked.status == 0, "\(name): \(checked.log)")
                    }
                }
                try await lab.serve(Lab.program, ["serve", "-i", "\(lab.folder)/p.tar", "--listen", "127.0.0.1:0"]) {
                    port in
                    let image = "127.0.0.1:\(port)/lib/multi"
                    let absent = "http://\(image.replacing("/lib", with: "/v2/lib"))/manifests/"
                    let index = try await lab.rawManifest("\(image)@\(digest)")
                    let entry = try #require(
                        index.firstMatch(of: /"digest": ?"(sha256:[0-9a-f]{64})"[^}]*\}?[^}]*arm64/)
                    )
                    let outcome = try await lab.run(
                        "curl",
                        ["-s", "-o", "/dev/null", "-w", "%{http_code}", absent + entry.1]
                    )
                    #expect(outcome.output == "404")
                    try await lab.podman("pull", "--tls-verify=false", "--arch", "amd64", "\(image)@\(digest)")
                }
            }
        }
    }
}
