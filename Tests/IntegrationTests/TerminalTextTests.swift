import Testing

/// Names from documents, packages and programs may hold anything; what is shown is text, on lines of its own.
@Suite("What is shown steers no terminal and forges no line", .needs())
struct TerminalTextTests {
    /// ESC, BEL, CR, DEL, NEL, CSI of C1, line and paragraph separators, an override of direction, and a forged line.
    static let hostile =
        "\u{1B}]0;x\u{7}\u{1B}[2J\r\u{7F}\u{85}\u{9B}2K\u{2028}\u{2029}\u{202E}\u{2066}\nkbld: Error: forged\n- forged"
    /// The same in a text of YAML or JSON.
    static let escaped =
        #"\u001b]0;x\u0007\u001b[2J\r\u007f\u0085\u009b2K\u2028\u2029\u202e\u2066\nkbld: Error: forged\n- forged"#

    static func isClean(_ text: String) -> Bool {
        let isHarmless = text.unicodeScalars.allSatisfy {
            switch $0.value {
            case 0x09, 0x0A: true
            case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069: false
            default: true
            }
        }
        return isHarmless && !("\n" + text).contains("\nkbld: Error: forged") && !("\n" + text).contains("\n- forged")
    }

    @Test(
        "documents",
        arguments: [
            "-f in.yml", "inspect -f in.yml", "inspect -f in.yml --tty", "inspect -f in.yml --json",
            "-f in.yml --log-format json", "-f in.yml --image-map-file map.json --images-annotation=false -f gone.yml",
            "pkg -f in.yml -o x.tar", "unpkg -f in.yml -i x.tar -r r.io/x", "-f broken.yml", "-f alias.yml",
            "-f conf.yml",
            "-f items.yml",
        ]
    )
    func documents(command: String) async throws {
        try await Lab.open { lab in
            let text = "\"r.io/x\(Self.escaped)\""
            try lab.write(
                "image: \(text)\nkind: \(text)\nmetadata: {name: \(text), namespace: \(text)}\n",
                to: "in.yml"
            )
            try lab.write("{\(text): \"r.io/x@sha256:\(String(repeating: "7", count: 64))\"}", to: "map.json")
            try lab.write("a: !!int \(text)\n", to: "broken.yml")
            try lab.write("? [\(text)]\n: 1\n", to: "items.yml")
            try lab.write("a: *x\u{9B}\u{202E}\n", to: "alias.yml")
            try lab.write(
                "apiVersion: kbld.k14s.io/v1alpha1\nkind: Config\nminimumRequiredVersion: \(text)\n",
                to: "conf.yml"
            )
            let outcome = try await lab.run(Lab.program, command.split(separator: " ").map(String.init))
            #expect(
                Self.isClean(outcome.log) && !(outcome.log + outcome.output).isEmpty,
                "\(outcome.log.debugDescription)"
            )
            #expect(Self.isClean(outcome.output), "\(outcome.output.debugDescription)")
        }
    }

    @Test("arguments", arguments: ["-f", "--bogus", "help", "-i", "--column"])
    func arguments(flag: String) async throws {
        try await Lab.open { lab in
            let hostile = Self.hostile
            let given = flag == "--column" ? ["inspect", "-f", "/dev/null", flag, hostile] : [flag, hostile]
            let outcome = try await lab.run(Lab.program, given)
            #expect(Self.isClean(outcome.log), "\(outcome.log.debugDescription)")
        }
    }

    @Test("packages", arguments: ["verify h.tar", "package inspect h.tar", "unpkg -f in.yml -i h.tar -r r.io/x"])
    func packages(command: String) async throws {
        try await Lab.open { lab in
            try lab.write("a: 1\n", to: "in.yml")
            let make = """
                import io, json, sys, tarfile
                text = json.loads('"' + sys.argv[1] + '"')
                for number, manifest in enumerate([
                    [], [{"Image": {"Refs": ["r.io/x" + text + "@sha256:" + "7" * 64], "Manifest": {}}}],
                    [{"Image": {"Refs": [], "Manifest": {"MediaType": text, "Digest": "sha256:" + text, "Raw": text}}}],
                    [{"Config": text, "RepoTags": [text], "Layers": [text]}],
                ]):
                    with tarfile.open(f"h{number}.tar", "w") as tar:
                        def add(name, data, kind=tarfile.REGTYPE):
                            entry = tarfile.TarInfo(name); entry.size = len(data); entry.type = kind
                            tar.addfile(entry, io.BytesIO(data))
                        add("manifest.json", json.dumps(manifest).encode())
                        add("x" + text, b"y"); add("x" + text, b"z"); add("s" + text, b"", b"S")
                """
            try await lab.succeed("python3", ["-c", make, Self.escaped])
            for number in 0..<4 {
                let arguments = command.replacing("h.tar", with: "h\(number).tar").split(separator: " ").map(
                    String.init
                )
                for flags in [[], ["--log-format", "json"]] {
                    let outcome = try await lab.run(Lab.program, arguments + flags)
                    #expect(Self.isClean(outcome.log), "\(outcome.log.debugDescription)")
                    #expect(Self.isClean(outcome.output), "\(outcome.output.debugDescription)")
                }
            }
        }
    }

    @Test("programs that build, whose colours go", arguments: [0, 3])
    func builders(status: Int) async throws {
        try await Lab.open { lab in
            try lab.source("docker: {build: {}}", file: "Dockerfile")
            let echo = #"printf '\033[32mgreen\033[0m \033]0;x\007\r\302\233 \342\200\256\n' >&2; "#
            let body = status == 0 ? echo + Lab.docker : echo + "exit \(status)"
            try lab.standIn("docker", body)
            let outcome = try await lab.kbld("-f", "conf.yml", "-f", "in.yml")
            #expect(
                (outcome.status == 0) == (status == 0) && Self.isClean(outcome.log),
                "\(outcome.log.debugDescription)"
            )
            #expect(!outcome.log.contains("[32m"))
            #expect(outcome.log.contains("my/app | green \\x1b]0;x\\x07\nmy/app | \\x9b \\u202e\n"), "\(outcome.log)")
        }
    }
}
