import FoundationEssentials
import Testing

@Suite("Checks of references in files", .needs(.python3))
struct CheckTests {
    /// Runs `body` with the embedded registry and two images, of which `app:1.0.0` names the first.
    private func withImages(
        _ body: @Sendable (_ lab: Lab, _ registry: String, _ digest: String) async throws -> Void
    ) async throws {
        try await Lab.open { lab in
            try await lab.serve(Lab.program, ["serve-registry", "--listen", "127.0.0.1:0"]) { port in
                let registry = "127.0.0.1:\(port)"
                let push = Lab.packaging("../demo/push_images.py")
                try await lab.succeed("python3", [push, registry, "a:1.0.0", "b:1.0.0"])
                try await move(lab, registry, to: "a")
                try lab.write("image: \(registry)/app:1.0.0\n", to: "tag.yml")
                let resolved = try await lab.kbld("-f", "tag.yml")
                let digest = try #require(resolved.output.firstMatch(of: /@(sha256:[0-9a-f]{64})/)).1
                try lab.write("image: \(registry)/app:1.0.0@\(digest)\n", to: "app.yml")
                try await body(lab, registry, String(digest))
            }
        }
    }

    private func move(_ lab: Lab, _ registry: String, to image: String) async throws {
        try await lab.succeed(Lab.program, ["copy", "\(registry)/library/\(image):1.0.0", "\(registry)/app:1.0.0"])
    }

    @Test("a tag that was moved between runs is a finding, with what would mend it")
    func moved() async throws {
        try await withImages { lab, registry, digest in
            let flags = ["check", "-f", "app.yml", "--rules", "missing,drift,tag-gone,newer"]
            let before = try await lab.run(Lab.program, flags + ["--fail-on", "note"])
            #expect(before.status == 0 && before.output == "", "\(before.log)")
            try await move(lab, registry, to: "b")
            try await lab.succeed(
                Lab.program,
                ["copy", "\(registry)/library/b:1.0.0", "\(registry)/app:1.1.0"]
            )
            let after = try await lab.run(Lab.program, flags)
            #expect(after.status == 0 && after.output.contains("KBLD004 drift (warning)"), "\(after.log)")
            #expect(after.output.contains("not \(digest)") && after.output.contains("there is 1.1.0"))
            let failing = try await lab.run(Lab.program, flags + ["--level", "drift=error", "--format", "sarif"])
            #expect(failing.status == 2 && failing.output.contains("\"insertedContent\""), "\(failing.log)")
            // What is known is passed over.
            try await lab.succeed(
                Lab.program,
                flags + ["--format", "json", "-o", "known.json", "--fail-on", "never"]
            )
            let known = try await lab.run(Lab.program, flags + ["--baseline", "known.json", "--fail-on", "note"])
            #expect(known.status == 0 && known.output == "" && known.log.contains("2 known"), "\(known.log)")
        }
    }

    @Test("packages, mirrors and locks must have the images")
    func places() async throws {
        try await withImages { lab, registry, _ in
            try await lab.succeed(Lab.program, ["pkg", "-f", "app.yml", "-o", "images.tar"])
            try await lab.succeed(
                Lab.program,
                ["unpkg", "-f", "app.yml", "-i", "images.tar", "-r", registry + "/m", "--repository-layout", "mirror"]
            )
            try await lab.succeed(Lab.program, ["-f", "tag.yml", "--lock-output", "kbld.lock.yml"])
            try lab.write("image: \(registry)/library/b:1.0.0\n", to: "b.yml")
            let cases: [([String], Int32)] = [
                (["app.yml", "--input", "images.tar", "--offline"], 0),
                (["b.yml", "--input", "images.tar", "--rules", "not-in-package"], 2),
                (["app.yml", "--against", registry + "/m", "--repository-layout", "mirror"], 0),
                (["app.yml", "--against", registry + "/n"], 2),
                (["tag.yml", "--lock", "kbld.lock.yml", "--offline"], 0),
                (["b.yml", "--lock", "kbld.lock.yml", "--rules", "lock"], 2),
            ]
            for (arguments, status) in cases {
                let outcome = try await lab.run(Lab.program, ["check"] + arguments)
                #expect(outcome.status == status, "\(arguments): \(outcome.output)\(outcome.log)")
            }
        }
    }

    @Test("what isn't signed is a finding, in a registry and in a package", .needs(.openssl))
    func signatures() async throws {
        try await withImages { lab, registry, digest in
            try await lab.succeed(
                "python3",
                [lab.script("index_signature.py"), "sign", "\(registry)/app@\(digest)", "."]
            )
            try lab.write("image: \(registry)/library/b:1.0.0\n", to: "b.yml")
            try await lab.succeed(Lab.program, ["pkg", "-f", "app.yml", "-o", "signed.tar", "--verify-key", "key.pub"])
            try await lab.succeed(Lab.program, ["pkg", "-f", "app.yml", "-o", "plain.tar"])
            try lab.write("image: \(registry)/gone:1\n", to: "gone.yml")
            let cases: [([String], Int32)] = [
                (["app.yml"], 0),
                (["tag.yml", "--rules", "unsigned"], 0),
                (["app.yml", "b.yml", "--rules", "unsigned"], 2),
                (["app.yml", "--verify-attestation", "https://slsa.dev/provenance/v1"], 2),
                (["gone.yml", "--rules", "unsigned"], 3),
                (["app.yml", "--input", "signed.tar", "--offline"], 0),
                (["app.yml", "--input", "plain.tar", "--offline"], 2),
                (["b.yml", "--input", "signed.tar", "--offline", "--rules", "unsigned"], 3),
            ]
            for (arguments, status) in cases {
                let outcome = try await lab.run(Lab.program, ["check", "--verify-key", "key.pub"] + arguments)
                #expect(outcome.status == status, "\(arguments): \(outcome.output)\(outcome.log)")
                #expect(outcome.output.contains("KBLD011") == (status != 0))
            }
        }
    }

    @Test(
        "what couldn't be checked has a status of its own",
        arguments: [401, 429, 500, 0]
    )
    func unchecked(status: Int) async throws {
        let faults = ["HEAD", "GET"].map { method in
            status == 0
                ? Fault("stall", method, "/manifests/", times: -1)
                : Fault.status(status, method, "/manifests/", times: -1)
        }
        try await withImages { lab, registry, digest in
            try await lab.faulty(registry, faults) { host in
                try lab.write("image: \(host)/app:1.0.0@\(digest)\n", to: "app.yml")
                let flags = ["check", "app.yml", "--rules", "drift", "--retries", "0", "--idle-timeout", "1"]
                let outcome = try await lab.run(Lab.program, flags)
                #expect(outcome.status == 3 && outcome.output.contains("(not checked)"), "\(outcome.log)")
                #expect(try await lab.run(Lab.program, flags + ["--unchecked", "ok"]).status == 0)
                #expect(try await lab.run(Lab.program, flags + ["--unchecked", "fail"]).status == 2)
            }
        }
    }

    @Test("no connection is made without a rule that needs one, which --offline forbids", .needs(.strace))
    func offline() async throws {
        try await Lab.open { lab in
            try lab.write("image: registry.invalid/app:1\n", to: "app.yml")
            let flags = ["-f", "-o", "calls", "-e", "trace=connect", Lab.program, "check", "app.yml", "--rules", "all"]
            let outcome = try await lab.run("strace", flags + ["--offline"])
            #expect(outcome.status == 2 && outcome.log.contains("left out: rule KBLD004 drift"), "\(outcome.log)")
            #expect(try !lab.text("calls").contains("connect("))
            let refused = try await lab.kbld("check", "app.yml", "--rules", "drift", "--offline")
            #expect(refused.status == 1 && refused.log.contains("--offline forbids"), "\(refused.log)")
        }
    }
}
