import FoundationEssentials
import Testing

/// What a release consists of, made from the program under test.
@Suite("Distribution", .needs(.podman, .runc, .dpkgDeb))
struct DistributionTests {
    private struct Dump: Decodable { let command: Command }
    private struct Command: Decodable {
        let commandName: String
        let shouldDisplay: Bool?
        let subcommands: [Command]?
        let arguments: [Argument]?

        /// The commands that have pages, each with its page's name.
        func pages(below path: String = "") -> [(name: String, command: Command)] {
            let name = path + commandName
            let inner = (subcommands ?? []).filter { $0.shouldDisplay != false && $0.commandName != "help" }
            return [(name, self)] + inner.flatMap { $0.pages(below: name + "-") }
        }
    }
    private struct Argument: Decodable {
        struct Name: Decodable { let kind: String, name: String }
        let names: [Name]?
        let shouldDisplay: Bool
    }

    @Test("every command has a man page, which names its flags")
    func manual() async throws {
        try await Lab.open { lab in
            let script = Lab.packaging("manual.py")
            try await lab.succeed(
                "python3",
                [script, "--bin", Lab.program, "--output", "share", "--date", "2024-02-29"]
            )
            let dump = try await lab.kbld("--experimental-dump-help")
            let pages = try JSONDecoder().decode(Dump.self, from: Data(dump.output.utf8)).command.pages()
            #expect(pages.count > 10 && pages.contains { $0.name == "kbld-package-merge" })
            for (name, command) in pages {
                let page = try lab.text("share/man/man1/\(name).1").replacing("\\-", with: "-")
                let flags = (command.arguments ?? []).filter(\.shouldDisplay).flatMap { $0.names ?? [] }
                #expect(flags.count > 1, "\(name)")
                for flag in flags {
                    let written = (flag.kind == "short" ? "-" : "--") + flag.name
                    #expect(page.contains("\\fB\(written)\\fR"), "\(name): \(written)")
                }
            }
            let completion = try lab.text("share/bash-completion/completions/kbld")
            #expect(completion.contains("--registry-ca-cert-path"))
        }
    }

    @Test("a release has a tarball, a Debian package, an image, their sums and an SBOM")
    func release() async throws {
        try await Lab.open { lab in
            let resolved = Lab.packaging("../Package.resolved")
            let arguments = ["--bin", Lab.program, "--resolved", resolved, "--output", "dist"]
            let made = try await lab.run(
                "python3",
                [Lab.packaging("dist.py")] + arguments,
                environment: ["SOURCE_DATE_EPOCH": "1709164800"]
            )
            try #require(made.status == 0, "\(made.log)")
            let sums = try await lab.run("bash", ["-c", "cd dist && sha256sum -c SHA256SUMS && ls | wc -l"])
            #expect(sums.status == 0 && sums.output.hasSuffix("\n6\n"), "\(sums.output) \(sums.log)")

            try await Self.checkProgram(lab)
            let contents = try await lab.run("bash", ["-c", "dpkg-deb -c dist/*.deb"]).output
            for path in ["bin/kbld", "share/man/man1/kbld-package.1.gz", "share/bash-completion/completions/kbld"] {
                #expect(contents.contains("2024-02-29 00:00 ./usr/\(path)\n"), "\(contents)")
            }
            try await Self.checkParts(lab)
            try await Self.checkImage(lab)
        }
    }

    /// What the compiler keeps for its next build, which depends on where it was, isn't in the released program.
    private static func checkProgram(_ lab: Lab) async throws {
        let script = """
            import glob, sys
            sys.path.insert(0, sys.argv[1])
            import binary
            built = bytearray(open(sys.argv[2], 'rb').read())
            start, size = binary.sections(bytes(built))[binary.SHIPPED_FOR_COMPILERS]
            assert any(built[start:start + size])
            built[start] ^= 1
            released = open(min(glob.glob('dist/kbld-*-linux-*'), key=len), 'rb').read()
            assert binary.reproducible(bytes(built)) == released
            assert not any(released[start:start + size])
            """
        let checked = try await lab.run("python3", ["-c", script, Lab.packaging("."), Lab.program])
        #expect(checked.status == 0, "\(checked.log)")
        let runs = try await lab.run("bash", ["-c", "$(ls dist/kbld-*-linux-*64) version"])
        #expect(runs.status == 0, "\(runs.log)")
    }

    /// The SBOM names the packages with their versions.
    private static func checkParts(_ lab: Lab) async throws {
        struct Document: Decodable {
            struct Part: Decodable { let name: String, versionInfo: String? }
            let spdxVersion: String
            let packages: [Part]
        }
        let name = try #require(try lab.files("dist").first { $0.hasSuffix(".spdx.json") })
        let document = try JSONDecoder().decode(Document.self, from: Data(try lab.read("dist/\(name)")))
        #expect(document.spdxVersion == "SPDX-2.3" && document.packages.count > 15)
        for part in ["kbld", "async-http-client", "swift-nio", "swift-runtime", "libyaml"] {
            #expect(document.packages.contains { $0.name == part && $0.versionInfo?.isEmpty == false }, "\(part)")
        }
    }

    /// The image runs under podman, as a user without rights, and writes where it is let.
    private static func checkImage(_ lab: Lab) async throws {
        let archive = try #require(try lab.files("dist").first { $0.hasSuffix(".oci.tar") })
        let loaded = try await lab.podman("load", "-i", "dist/\(archive)")
        let name = try #require(loaded.split(separator: " ").last?.split(separator: "\n").first)
        let digest = "@sha256:" + String(repeating: "7", count: 64)
        try lab.write("image: r.io/app\(digest)\n", to: "in.yml")
        // Limits that no container raises; cgroups that every kernel has.
        let output = try await lab.podman(
            "--cgroup-manager",
            "cgroupfs",
            "--runtime",
            "runc",
            "run",
            "--rm",
            "--network",
            "none",
            "--ulimit",
            "nofile=1024:1024",
            "--ulimit",
            "nproc=1000:1000",
            "-v",
            "\(lab.folder)/in.yml:/data/in.yml:ro",
            String(name),
            "-f",
            "in.yml",
            "--lock-output",
            "/tmp/lock.yml"
        )
        #expect(output == "---\nimage: r.io/app\(digest)\n")
        #expect(try await lab.podman("inspect", "--format", "{{.User}}", String(name)) == "65532:65532\n")
    }
}
