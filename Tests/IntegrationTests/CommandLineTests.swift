import FoundationEssentials
import Testing

@Suite("The command line", .needs(.dockerRegistry))
struct CommandLineTests {
    private static let digest = "sha256:" + String(repeating: "7", count: 64)
    private static let listed = "nginx@\(digest)\t\n-\t\npod/web (v1) cluster\t\n"

    private func prepare(_ lab: Lab) throws {
        try lab.write("file: a\n", to: "a.yml")
        try lab.write("file: b\n", to: "b.yml")
        let pod = "{kind: Pod, apiVersion: v1, metadata: {name: web}, spec: {image: 'nginx@\(Self.digest)'}}\n"
        try lab.write(pod, to: "pod.yml")
        let job = "{kind: Job, apiVersion: batch/v1, metadata: {generateName: run-, namespace: x}, "
        try lab.write(job + "spec: {image: 'nginx@\(Self.digest)'}}\n", to: "job.yml")
        try lab.write("file: dash\n", to: "-dash.yml")
    }

    @Test(
        "flags are taken in every form that programs in Go take",
        arguments: [
            ["-f", "a.yml,b.yml"], ["-yfa.yml", "--file=b.yml"], ["-f", "a.yml", "resolve", "-f=b.yml"],
            ["--tty=false", "--sort=false", "--color=0", "--yes=T", "--lock-output", "", "-f", "a.yml,b.yml", "--"],
            ["--registry-insecure", "--registry-verify-certs=false", "--registry-ca-cert-path=", "-f", "a.yml,b.yml"],
            ["--imgpkg-lock-output=", "--platform", "", "--image-map-file=", "-fa.yml", "-fb.yml"],
        ]
    )
    func forms(arguments: [String]) async throws {
        try await Lab.open { lab in
            try prepare(lab)
            let outcome = try await lab.run(Lab.program, arguments)
            #expect(outcome.status == 0, "\(outcome.log)")
            #expect(outcome.output == "---\nfile: a\n---\nfile: b\n")
            #expect(outcome.log == "")
        }
    }

    @Test(
        "the command may stand behind flags, by any of its names, and a value may begin with a dash",
        arguments: [
            (["-f", "pod.yml", "inspect"], listed), (["--tty=false", "is", "-fpod.yml"], listed),
            (["-f", "-dash.yml"], "---\nfile: dash\n"),
        ]
    )
    func commandBehindFlags(arguments: [String], output: String) async throws {
        try await Lab.open { lab in
            try prepare(lab)
            let outcome = try await lab.run(Lab.program, arguments)
            #expect(outcome.status == 0, "\(outcome.log)")
            #expect(outcome.output == output)
        }
    }

    @Test(
        "what is wrong is named on standard error, and nothing is printed",
        arguments: [
            (["frobnicate"], "'frobnicate'"), (["-f", "a.yml", "more"], "'more'"), (["version", "now"], "'now'"),
            (["-f", "a.yml", "--", "x"], "'x'"), (["--no-such-flag"], "--no-such-flag"), (["-z"], "-z"),
            (["-f", "a.yml", "--verbose"], "--verbose"), (["-f"], "-f"), (["--json=maybe", "-f", "a.yml"], "'maybe'"),
            (["--build-concurrency", "x"], "'x'"), (["--build-concurrency", "0"], "--build-concurrency"),
            (["pkg", "-f", "a.yml"], "--output"), (["unpkg", "-f", "a.yml", "-r", "r.io/x"], "--input"),
            (["unpkg", "-f", "a.yml", "-i", "x.tar"], "--repository"), (["relocate", "-f", "a.yml"], "--repository"),
            (["relocate", "-r", "r.io/x"], "--file"), (["pkg", "-o", "x", "--concurrency", "0"], "--concurrency"),
            (["-f", "a.yml", "--lock-output", "l", "--imgpkg-lock-output", "m"], "--imgpkg-lock-output"),
            (["-f", "a.yml", "--platform", "linux"], "'linux'"), (["-f", "a.yml", "--platform", "linux/"], "'linux/'"),
            (["--json", "-f", "gone.yml"], "gone.yml"), (["completion", "tcsh"], "tcsh"),
            (["inspect", "-f", "pod.yml", "--column", "nope"], "'nope'"), (["-f", "gone.yml"], "gone.yml"),
        ]
    )
    func mistakes(arguments: [String], named: String) async throws {
        try await Lab.open { lab in
            try prepare(lab)
            let outcome = try await lab.run(Lab.program, arguments)
            #expect(outcome.status == 1)
            #expect(outcome.output == "")
            #expect(outcome.log.hasPrefix("kbld: Error: ") && outcome.log.contains(named), "\(outcome.log)")
        }
    }

    @Test("help goes to standard output, with an example and the flags, for every command")
    func help() async throws {
        try await Lab.open { lab in
            let all = try await commands(lab)
            #expect(all.count >= 8)
            for command in all where !command.path.contains("help") {
                for form in [command.path + ["--help"], ["-h"] + command.path, ["help"] + command.path] {
                    let outcome = try await lab.run(Lab.program, form)
                    #expect(outcome.status == 0 && outcome.log == "", "\(form)")
                    #expect(outcome.output.contains("USAGE: kbld"), "\(form)")
                    for name in command.options { #expect(outcome.output.contains("--" + name), "\(form) --\(name)") }
                    let needsExample = !["completion", "version"].contains(command.path.last)
                    #expect(!needsExample || outcome.output.contains("EXAMPLES"), "\(form)")
                    let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false)
                    #expect(lines.count <= 41, "\(form)")
                    #expect(
                        lines.allSatisfy { $0.count <= ($0.hasPrefix("  ") && $0.contains("kbld ") ? 80 : 100) },
                        "\(form)"
                    )
                    for name in ["--color", "--yes", "--sort"] { #expect(!outcome.output.contains(name), "\(form)") }
                }
            }
            let root = try await lab.kbld("--help").output
            for text in ["--unresolved-inspect", "package, pkg", "inspect, i, is, insp", "USAGE: kbld [<options>]"] {
                #expect(root.contains(text))
            }
            let unknown = try await lab.kbld("help", "nosuch")
            #expect(unknown.status == 1 && unknown.output == "" && unknown.log.contains("'nosuch'"))
        }
    }

    @Test("every flag is known to what rewrites the command line")
    func everyFlagIsKnown() async throws {
        try await Lab.open { lab in
            for command in try await commands(lab) {
                for name in command.options {
                    // The value is the flag's, so `version` is the command.
                    let outcome = try await lab.run(Lab.program, ["--\(name)", "inspect", "version", "--help"])
                    #expect(outcome.output.contains("kbld version"), "--\(name) is missing in ValueFlags")
                }
                for name in command.flags {
                    let outcome = try await lab.run(Lab.program, ["--\(name)=perhaps", "--help"])
                    #expect(outcome.status == 1, "--\(name) is missing in BooleanFlags")
                }
            }
        }
    }

    /// `kbld for Swift 1.2.0, commit 1a2b3c4d5e6f, linux/amd64`
    private static var ownLine: Regex<Substring> {
        /kbld for Swift \d+\.\d+\.\d+(?:, commit [0-9a-f]{12}(?:-dirty)?)?, (?:linux|darwin)\/(?:amd64|arm64)/
    }

    @Test(
        "standard output has the original's version alone; the log says what this program is",
        arguments: [["version"], ["version", "--color=false"]]
    )
    func version(arguments: [String]) async throws {
        try await Lab.open { lab in
            let outcome = try await lab.run(Lab.program, arguments)
            #expect(outcome.status == 0 && outcome.output == "kbld version 0.43.0\n")
            #expect(outcome.log.dropLast().wholeMatch(of: Self.ownLine) != nil, "\(outcome.log)")
        }
    }

    @Test(
        "the argument parser's flag for completions gives the same script as the command",
        arguments: [["--generate-completion-script", "bash"], ["--generate-completion-script=bash"]]
    )
    func completionFlag(arguments: [String]) async throws {
        try await Lab.open { lab in
            let outcome = try await lab.run(Lab.program, arguments)
            #expect(outcome.output == (try await lab.kbld("completion", "bash")).output && outcome.status == 0)
        }
    }

    @Test("what can't be printed is an error that says so", arguments: ["version", "--version", "--help"])
    func unprinted(argument: String) async throws {
        try await Lab.open { lab in
            let outcome = try await lab.run("bash", ["-c", "'\(Lab.program)' \(argument) > /dev/full"])
            #expect(outcome.status == 1)
            #expect(outcome.log.contains("kbld: Error: Writing 'standard output': No space left on device"))
        }
    }

    @Test("as JSON, each line is a block")
    func versionAsJSON() async throws {
        struct Output: Decodable {
            var Blocks: [String]
        }
        try await Lab.open { lab in
            let outcome = try await lab.kbld("version", "--json")
            let blocks = try JSONDecoder().decode(Output.self, from: Data(outcome.output.utf8)).Blocks
            #expect(blocks.count == 2 && blocks[0] == "kbld version 0.43.0\n", "\(blocks)")
            #expect(blocks[1].dropLast().wholeMatch(of: Self.ownLine) != nil, "\(blocks)")
        }
    }

    @Test("completion scripts are what their shells can read", arguments: ["bash", "zsh", "fish"])
    func completion(shell: String) async throws {
        try await Lab.open { lab in
            let outcome = try await lab.kbld("completion", shell)
            #expect(outcome.status == 0 && outcome.output.contains("imgpkg-lock-output"))
            guard shell == "bash" else { return }
            try lab.write(outcome.output, to: "completion.sh")
            try await lab.succeed("bash", ["-n", "completion.sh"])
        }
    }

    @Test(
        "tables and documents as text, as on a terminal, and as JSON",
        arguments: [
            (
                ["inspect", "-fpod.yml", "--tty"],
                "Images\n\nImage     nginx@\(digest)  \nMetadata  -  \nResource  pod/web (v1) cluster  \n\n1 images\n\nSucceeded\n"
            ),
            (["inspect", "-fpod.yml", "--column", "Resource,image"], "nginx@\(digest)\t\npod/web (v1) cluster\t\n"),
            (["inspect", "-fjob.yml"], "nginx@\(digest)\t\n-\t\njob/run-* (batch/v1) namespace: x\t\n"),
            (["inspect", "-fa.yml"], ""),
            (["inspect", "-fa.yml", "--tty"], "Images\n\n\n0 images\n\nSucceeded\n"),
            (["-fa.yml", "--tty"], "---\nfile: a\n\nSucceeded\n"), (["--tty"], "Succeeded\n"),
            (
                ["inspect", "-fa.yml", "--json", "--column=image"],
                """
                {
                    "Tables": [
                        {
                            "Content": "images",
                            "Header": {
                                "image": "Image"
                            },
                            "Rows": [],
                            "Notes": null
                        }
                    ],
                    "Blocks": null,
                    "Lines": [
                        "Succeeded"
                    ]
                }

                """
            ),
        ]
    )
    func output(arguments: [String], output: String) async throws {
        try await Lab.open { lab in
            try prepare(lab)
            let outcome = try await lab.run(Lab.program, arguments)
            #expect(outcome.status == 0, "\(outcome.log)")
            #expect(outcome.output == output)
        }
    }

    /// A command as the program describes itself.
    private struct Command {
        let path: [String]
        let options: [String]
        let flags: [String]
    }

    private func commands(_ lab: Lab) async throws -> [Command] {
        struct Name: Decodable { var kind, name: String }
        struct Argument: Decodable {
            var kind: String
            var names: [Name]?
            var shouldDisplay: Bool
        }
        struct Description: Decodable {
            var commandName: String
            var arguments: [Argument]?
            var subcommands: [Description]?
        }
        struct Dump: Decodable { var command: Description }
        func all(_ description: Description, below path: [String]) -> [Command] {
            let shown = (description.arguments ?? []).filter(\.shouldDisplay)
            func names(_ kind: String) -> [String] {
                shown.filter { $0.kind == kind }.flatMap { $0.names ?? [] }.filter { $0.kind == "long" }.map(\.name)
            }
            return [Command(path: path, options: names("option"), flags: names("flag"))]
                + (description.subcommands ?? []).flatMap { all($0, below: path + [$0.commandName]) }
        }
        let text = try await lab.kbld("--experimental-dump-help").output
        let dump = try JSONDecoder().decode(Dump.self, from: Data(text.utf8))
        return all(dump.command, below: [])
    }
}
