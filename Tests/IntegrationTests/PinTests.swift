import Testing

@Suite("References pinned in files", .needs())
struct PinTests {
    private static let digest = "sha256:" + String(repeating: "3", count: 64)

    private static func deployment(_ images: String...) -> String {
        "apiVersion: v1\nkind: Pod\nmetadata: {name: p} # kept\nspec:\n  containers:\n"
            + images.map { "  - image: \($0)   # kept, too\r\n" }.joined()
    }

    @Test("A reference costs one request, the patch applies, and without digests all is as it was")
    func requests() async throws {
        try await Lab.open { lab in
            let script = [lab.script("counting_registry.py"), lab.folder + "/requests.log"]
            try await lab.serve("python3", script) { port in
                let host = "127.0.0.1:\(port)"
                let texts = [
                    "deploy/a.yml": Self.deployment("\(host)/a:1", "\(host)/b:2", "\(host)/c@\(Self.digest)"),
                    "deploy/Dockerfile": "FROM \(host)/a:1 AS x\nFROM x\nCOPY --from=\(host)/d:1 / /\n",
                    "deploy/compose.yml": "services:\n  s:\n    image: '\(host)/a:1'",
                    "deploy/.github/workflows/w.yml": "on: push\njobs: {j: {container: \"\(host)/b:2\"}}\n",
                    "deploy/.cache/a.yml": Self.deployment("\(host)/hidden:1"),
                    "deploy/out/a.yml": Self.deployment("\(host)/ignored:1"), "deploy/.gitignore": "out\n",
                ]
                try await lab.succeed("mkdir", ["-p", "deploy/.github/workflows", "deploy/.cache", "deploy/out"])
                for (path, text) in texts { try lab.write(text, to: path) }
                try await lab.succeed("git", ["init", "-q", "deploy"])
                let patch = try await lab.kbld("pin", "-f", "deploy/")
                #expect(patch.status == 0, "\(patch.log)")
                try lab.write(patch.output, to: "pinned.patch")
                try await lab.succeed("git", ["apply", "--check", "pinned.patch"])
                let lines = try lab.text("requests.log").split(separator: "\n").map { $0.split(separator: " ") }
                #expect(lines.count == 3)
                #expect(lines.allSatisfy { $0[2] == "HEAD" })
                let pinned = try await lab.kbld("pin", "-f", "deploy/", "--in-place")
                #expect(pinned.status == 0, "\(pinned.log)")
                #expect(pinned.log.contains("pinned 6 references in 4 files of 4"))
                #expect(try lab.text("deploy/Dockerfile").contains("FROM \(host)/a:1@sha256:"))
                // Nothing is left to ask for.
                try lab.write("", to: "requests.log")
                #expect(try await lab.kbld("pin", "-f", "deploy/", "--in-place").status == 0)
                #expect(try await lab.kbld("pin", "-f", "deploy/", "--in-place", "--undo").status == 0)
                #expect(try lab.read("requests.log").isEmpty)
                for (path, text) in texts where path != "deploy/a.yml" { #expect(try lab.text(path) == text) }
            }
        }
    }

    @Test("One that fails leaves all files alone, unless it is to go on")
    func failure() async throws {
        try await Lab.open { lab in
            try lab.write(#"{"127.0.0.1:1/good:1": "127.0.0.1:1/good@\#(Self.digest)"}"#, to: "map.json")
            let (good, bad) = (Self.deployment("127.0.0.1:1/good:1"), Self.deployment("127.0.0.1:1/bad:1"))
            try lab.write(good, to: "good.yml")
            try lab.write(bad, to: "bad.yml")
            let flags = ["pin", "-f", "good.yml", "-f", "bad.yml", "--in-place", "--image-map-file", "map.json"]
            let refused = try await lab.run(Lab.program, flags)
            #expect(refused.status == 1)
            #expect(refused.log.contains("127.0.0.1:1/bad:1"))
            #expect(try lab.text("good.yml") == good)
            let partial = try await lab.run(Lab.program, flags + ["--keep-going"])
            #expect(partial.status == 1)
            #expect(try lab.text("good.yml") == good.replacing("good:1", with: "good:1@\(Self.digest)"))
            #expect(try lab.text("bad.yml") == bad)
        }
    }

    @Test("A link is followed to the file behind it, but not out of what was named")
    func links() async throws {
        try await Lab.open { lab in
            try lab.write(#"{"app:1": "index.docker.io/library/app@\#(Self.digest)"}"#, to: "map.json")
            try await lab.succeed("mkdir", ["-p", "folder/real", "other"])
            try lab.write(Self.deployment("app:1"), to: "folder/real/a.yml")
            try await lab.succeed("ln", ["-s", "real/a.yml", "folder/link.yml"])
            let flags = ["pin", "-f", "folder", "--in-place", "--image-map-file", "map.json"]
            let pinned = try await lab.run(Lab.program, flags)
            #expect(pinned.log.contains("pinned 1 reference in 1 file of 1"), "\(pinned.log)")
            #expect(try await lab.run("readlink", ["folder/link.yml"]).output == "real/a.yml\n")
            try lab.write(Self.deployment("app:1"), to: "other/a.yml")
            try await lab.succeed("ln", ["-s", "../other/a.yml", "folder/out.yml"])
            let refused = try await lab.run(Lab.program, flags)
            #expect(refused.status == 1)
            #expect(refused.log.contains("folder/out.yml: it is a link to"))
        }
    }

    @Test("Standard input becomes standard output, and folders are copied")
    func streams() async throws {
        try await Lab.open { lab in
            try lab.write(#"{"app:1": "index.docker.io/library/app@\#(Self.digest)"}"#, to: "map.json")
            try lab.write("FROM app:1\n", to: "Dockerfile")
            let command = "$0 pin -f - --type dockerfile --in-place --image-map-file map.json < Dockerfile"
            let piped = try await lab.run("sh", ["-c", command, Lab.program])
            #expect(piped.output == "FROM app:1@\(Self.digest)\n", "\(piped.log)")
            let copied = try await lab.kbld(
                "pin",
                "-f",
                "Dockerfile",
                "--output",
                "out",
                "--image-map-file",
                "map.json"
            )
            #expect(copied.status == 0, "\(copied.log)")
            #expect(try lab.text("out/Dockerfile") == "FROM app:1@\(Self.digest)\n")
            #expect(try lab.text("Dockerfile") == "FROM app:1\n")
        }
    }
}
