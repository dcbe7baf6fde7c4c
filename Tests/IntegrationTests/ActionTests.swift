import FoundationEssentials
import Testing

/// The scripts of the action and of the hook, with files of the runner and releases in a folder.
@Suite("GitHub's action and the hook before a commit", .needs(.curl))
struct ActionTests {
    /// The variables of a runner whose files are in the lab's folder.
    private func runner(_ lab: Lab, _ more: [String: String] = [:]) -> [String: String] {
        [
            "RUNNER_OS": "Linux", "RUNNER_ARCH": "X64", "RUNNER_TEMP": lab.folder + "/temp",
            "GITHUB_PATH": lab.folder + "/path", "GITHUB_OUTPUT": lab.folder + "/outputs",
            "GITHUB_STEP_SUMMARY": lab.folder + "/summary", "KBLD_VERSION": "0.5.0",
            "KBLD_SOURCE": "file://\(lab.folder)/releases",
        ]
        .merging(more) { $1 }
    }

    /// Runs `body` with a release whose program leaves a file when it runs; gives its digest.
    private func releasing(_ body: @Sendable (Lab, _ digest: String) async throws -> Void) async throws {
        try await Lab.open { lab in
            try await lab.succeed("mkdir", ["-p", "releases/v0.5.0", "temp"])
            let name = "kbld-0.5.0-linux-amd64"
            try lab.write("#!/bin/sh\ntouch '\(lab.folder)/ran'\necho version\n", to: "releases/v0.5.0/\(name)")
            let sums = try await lab.run("sh", ["-c", "cd releases/v0.5.0 && sha256sum \(name)"])
            try lab.write(sums.output, to: "releases/v0.5.0/SHA256SUMS")
            try await body(lab, String(sums.output.prefix(64)))
        }
    }

    private func install(_ lab: Lab, _ more: [String: String] = [:]) async throws -> Lab.Outcome {
        try await lab.run(Lab.packaging("action/install.sh"), [], environment: runner(lab, more))
    }

    @Test("a release is installed whose digest is the one that is given, or that of the release's own list")
    func install() async throws {
        try await releasing { lab, digest in
            for given in ["", digest, "sha256:" + digest] {
                let outcome = try await install(lab, ["KBLD_SHA256": given])
                #expect(outcome.status == 0, "\(outcome.log)")
            }
            #expect(try lab.files().contains("ran"))
            let folder = lab.folder + "/temp/kbld-0.5.0"
            #expect(try lab.text("path") == String(repeating: folder + "\n", count: 3))
            #expect(try lab.text("outputs").hasSuffix("path=\(folder)/kbld\n"))
        }
    }

    @Test(
        "another digest is refused, and so is what can't be had or isn't meant; nothing runs, and nothing is left",
        arguments: [
            (["KBLD_SHA256": String(repeating: "0", count: 64)], "has the sha256"), (["KBLD_SHA256": "abc"], "64"),
            (["KBLD_VERSION": "0.6.0"], "can't be downloaded"), (["KBLD_VERSION": "../0.5.0"], "is not a version"),
            (["RUNNER_ARCH": "X86"], "no release for the architecture 'X86'"), (["RUNNER_OS": "macOS"], "Linux"),
            (["KBLD_SOURCE": "http://127.0.0.1:9/releases"], "can't be downloaded"),
        ]
    )
    func refusals(variables: [String: String], words: String) async throws {
        try await releasing { lab, _ in
            let outcome = try await install(lab, variables)
            #expect(outcome.status == 1)
            #expect(outcome.log.contains("::error title=kbld::") && outcome.log.contains(words), "\(outcome.log)")
            let files = try lab.files()
            #expect(!files.contains("ran") && !files.contains("path") && !files.contains("outputs"))
            #expect(try await lab.run("find", ["temp", "-type", "f"]).output == "")
        }
    }

    @Test("a program that was exchanged, or a list without it, is refused")
    func exchanged() async throws {
        try await releasing { lab, _ in
            try lab.write("#!/bin/sh\ntouch '\(lab.folder)/ran'\n", to: "releases/v0.5.0/kbld-0.5.0-linux-amd64")
            #expect(try await install(lab).status == 1)
            try lab.write("", to: "releases/v0.5.0/SHA256SUMS")
            let outcome = try await install(lab)
            #expect(outcome.status == 1 && outcome.log.contains("has no digest of kbld-0.5.0-linux-amd64"))
            #expect(try !lab.files().contains("ran"))
        }
    }

    @Test("arguments are words, which nothing expands; output, log, summary and status are where they are said to be")
    func run() async throws {
        try await Lab.open { lab in
            try await lab.succeed("mkdir", ["temp"])
            let digest = "r.example/app@sha256:" + String(repeating: "a", count: 64)
            try lab.write("image: \(digest)\n", to: "an app.yml")
            let script = Lab.packaging("action/run.sh")
            func outcome(_ arguments: String, _ more: [String: String] = [:]) async throws -> Lab.Outcome {
                let variables = ["KBLD": Lab.program, "KBLD_ARGS": arguments].merging(more) { $1 }
                return try await lab.run(script, [], environment: runner(lab, variables))
            }
            let done = try await outcome("-f 'an app.yml'\n--unresolved-inspect", ["KBLD_OUTPUT": "found.yml"])
            #expect(done.status == 0 && done.output == "", "\(done.log)")
            #expect(try lab.text("found.yml") == "- image: \(digest)\n")
            // A check's annotations are read from the step's output.
            try lab.write("image: redis:7\n", to: "unpinned.yml")
            let check = try await outcome("check unpinned.yml --offline --format github")
            #expect(check.status == 2 && check.output.hasPrefix("::error file=unpinned.yml,line=1,"), "\(check.log)")
            let hook = try await lab.run(
                Lab.packaging("pre-commit/check.sh"),
                ["--rules", "unpinned", "unpinned.yml", "an app.yml"],
                environment: ["KBLD": Lab.program]
            )
            #expect(hook.status == 2 && hook.output.contains("redis:7"), "\(hook.log)")
            let failed = try await outcome("-f $(touch evil) ; touch evil")
            #expect(failed.status == 1 && failed.log.contains("kbld: Error: "), "\(failed.log)")
            #expect(try !lab.files().contains("evil"))
            let outputs = try lab.text("outputs").split(separator: "\n")
            #expect(outputs.filter { $0.hasPrefix("status=") } == ["status=0", "status=2", "status=1"])
            #expect(outputs.first == "output=found.yml")
            let log = try #require(outputs.last { $0.hasPrefix("log=") }?.dropFirst(4))
            #expect(try String(contentsOfFile: String(log), encoding: .utf8) == failed.log)
            #expect(try lab.text("summary").contains("### kbld: status 1\n\n    kbld: Error: "))
            let none = try await outcome("  ")
            #expect(none.status == 1 && none.log.contains("args is empty"))
        }
    }

    @Test("documents with images that nothing pins are refused by the hook, with file and image; a lock counts")
    func pinned() async throws {
        try await Lab.open { lab in
            let digest = "@sha256:" + String(repeating: "a", count: 64)
            try lab.write("image: r.example/app\(digest)\n---\nimage: redis:7\n", to: "app.yml")
            try lab.write("image: r.example/app\(digest)\n", to: "pinned.yml")
            try lab.write("a: {{ b }}\n", to: "template.yml")
            let lock = "apiVersion: kbld.k14s.io/v1alpha1\nkind: Config\noverrides:\n"
            try lab.write(
                lock + "- image: redis:7\n  newImage: redis\(digest)\n  preresolved: true\n",
                to: "kbld.lock.yml"
            )
            let cases: [([String], Int32, String)] = [
                (["pinned.yml"], 0, ""), (["app.yml", "pinned.yml"], 1, "app.yml: redis:7 is not pinned by digest\n"),
                (["--lock", "kbld.lock.yml", "app.yml"], 0, ""), (["--lock=kbld.lock.yml", "app.yml"], 0, ""),
                (["template.yml"], 1, ""), (["--lock", "none.yml", "app.yml"], 1, ""),
            ]
            for (arguments, status, output) in cases {
                let environment = ["KBLD": Lab.program]
                let hook = Lab.packaging("pre-commit/pinned.sh")
                let outcome = try await lab.run(hook, arguments, environment: environment)
                #expect(outcome.status == status && outcome.output == output, "\(arguments): \(outcome.log)")
                #expect((outcome.log == "") == (status == 0), "\(arguments): \(outcome.log)")
            }
        }
    }

    @Test("the action's steps get inputs by variables alone, its version is the program's, and all files are there")
    func description() async throws {
        try await Lab.open { lab in
            let check = """
                import re, sys, yaml
                root = sys.argv[1]
                action = yaml.safe_load(open(root + "/action.yml"))
                inputs, steps = set(action["inputs"]), action["runs"]["steps"]
                text = open(root + "/action.yml").read()
                used = set(re.findall(r"inputs\\.([a-z0-9]+)", text))
                assert used == inputs, used ^ inputs
                assert not any("${{" in step.get("run", "") for step in steps)
                assert all(step["shell"] == "bash" for step in steps if "run" in step)
                hooks = yaml.safe_load(open(root + "/.pre-commit-hooks.yaml"))
                assert action["inputs"]["args"]["default"].startswith("check ")
                print(action["inputs"]["version"]["default"], *[hook["entry"] for hook in hooks])
                """
            try lab.write(check, to: "check.py")
            let root = Lab.packaging("..")
            let outcome = try await lab.run("python3", ["check.py", root])
            try #require(outcome.status == 0, "\(outcome.log)")
            let words = outcome.output.split(whereSeparator: \.isWhitespace)
            let version = try await lab.kbld("version")
            #expect(version.log.contains("kbld for Swift \(words[0])"), "\(version.log)")
            #expect(words.count == 3)
            for script in words.dropFirst().map(String.init) + [
                "Packaging/action/install.sh", "Packaging/action/run.sh",
            ] {
                #expect(FileManager.default.isExecutableFile(atPath: root + "/" + script), "\(script)")
            }
        }
    }
}
