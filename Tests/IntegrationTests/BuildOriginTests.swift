import Testing

@Suite("What is noted of a built image's source", .needs(.dockerRegistry, .git))
struct BuildOriginTests {
    /// A repository in `src` and what its annotation says.
    private func origin(_ commands: String...) async throws -> String {
        try await Lab.open { lab in
            try lab.source("docker: {build: {}}", file: "Dockerfile")
            try lab.standIn("docker", Lab.docker)
            let identity = "git config user.name a; git config user.email a@b.c"
            let script = "cd src && git init -q -b main . && \(identity) && " + commands.joined(separator: " && ")
            try await lab.succeed("sh", ["-c", script])
            let outcome = try await lab.kbld("-f", "conf.yml", "-f", "in.yml")
            try #require(outcome.status == 0, "\(outcome.log)")
            #expect(outcome.output.contains("- local:\n            path: \(lab.folder)/src\n        - git:\n"))
            return outcome.output + outcome.log
        }
    }

    private static let commit = "git add . && git commit -qm one"

    @Test("the commit, and whether there are changes")
    func commit() async throws {
        let clean = try await origin(Self.commit)
        #expect(clean.contains(#/git:\n +dirty: false\n +remoteURL: <unknown>\n +sha: [0-9a-f]{40}\n/#))
        #expect(!clean.contains("tags:"))
        let changed = try await origin(Self.commit, "echo x > more")
        #expect(changed.contains(#/git:\n +dirty: true\n/#))
        #expect(try await origin("true").contains("sha: <no commits>"))
    }

    @Test("tags of the commit")
    func tags() async throws {
        let text = try await origin(Self.commit, "git tag v1.2.3")
        #expect(text.contains(#/sha: [0-9a-f]{40}\n +tags:\n +- v1\.2\.3\n/#))
    }

    @Test(
        "the remote's address, without user and password",
        arguments: [
            ("https://alice:s3cret@git.example.com/a/b", "https://_redacted_@git.example.com/a/b"),
            ("https://git.example.com/a.git?access_token=t0ken", "https://git.example.com/a.git?_redacted_"),
        ]
    )
    func remote(address: String, noted: String) async throws {
        let text = try await origin(Self.commit, "git remote add origin '\(address)'")
        #expect(text.contains("remoteURL: \(noted)\n"))
        for secret in ["s3cret", "t0ken", "p@ss", "alice"] { #expect(!text.contains(secret)) }
    }

    @Test("an imgpkg lock tells the origins too, unless it is not to")
    func lock() async throws {
        try await Lab.open { lab in
            try lab.source("docker: {build: {}}", file: "Dockerfile", destination: "r.io/built/app")
            let digest = "r.io/built/app@sha256:" + String(repeating: "8", count: 64)
            try lab.standIn("docker", Lab.docker.replacing("[]}", with: "[\"\(digest)\"]}"))
            for (flag, isNoted) in [("--origins-annotation", true), ("--origins-annotation=false", false)] {
                let arguments = ["-f", "conf.yml", "-f", "in.yml", "--imgpkg-lock-output", "lock.yml", flag]
                let outcome = try await lab.run(Lab.program, arguments)
                #expect(outcome.status == 0, "\(outcome.log)")
                #expect(outcome.output.contains("- local:"))
                let lock = String(decoding: try lab.read("lock.yml"), as: UTF8.self)
                #expect(lock.contains("- local:") == isNoted)
                #expect(lock.contains("image: \(digest)\n"))
            }
            // An image that is only here has no digest of a registry.
            try lab.source("docker: {build: {}}", file: "Dockerfile")
            let local = try await lab.kbld("-f", "conf.yml", "-f", "in.yml", "--imgpkg-lock-output", "lock.yml")
            #expect(local.status == 1)
            #expect(local.log.contains("in digest form, got 'kbld:my-app-sha256-7"), "\(local.log)")
            let plain = try await lab.kbld("-f", "conf.yml", "-f", "in.yml", "--images-annotation=false")
            #expect(!plain.output.contains("annotations"))
        }
    }
}
