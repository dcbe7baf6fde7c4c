import LibC
import Testing

/// What a process finds at its start, and how it ends when nobody reads what it writes.
@Suite("The process", .needs(.dockerRegistry))
struct StartTests {
    @Test(
        "without /proc nothing is done, and that is an error",
        .enabled(if: geteuid() == 0),
        arguments: ["version", "-f in.yml", "verify gone.tar"]
    )
    func withoutProc(command: String) async throws {
        try await Lab.open { lab in
            try lab.write("a: 1\n", to: "in.yml")
            let arguments = ["-m", "sh", "-c", "mount -t tmpfs none /proc && exec \"$0\" \(command)", Lab.program]
            let outcome = try await lab.run("unshare", arguments)
            #expect(outcome.status == 1 && outcome.output == "")
            #expect(outcome.log.hasPrefix("kbld: Error: /proc is not mounted"), "\(outcome.log)")
        }
    }

    @Test(
        "descriptors that are closed at the start don't become files or sockets",
        arguments: [
            ("<&-", "---\na: 1\n", 0), (">&-", "", 1), ("2>&-", "---\na: 1\n", 0), ("<&- 2>&-", "---\na: 1\n", 0),
            ("<&- >&- 2>&-", "", 1),
        ]
    )
    func closed(redirection: String, output: String, status: Int32) async throws {
        try await Lab.open { lab in
            try lab.write("a: 1\n", to: "in.yml")
            let outcome = try await lab.run("bash", ["-c", "\"$0\" -f in.yml \(redirection)", Lab.program])
            #expect(outcome.status == status && outcome.output == output, "\(outcome.status) \(outcome.log)")
        }
    }

    @Test("nothing is written to a file that got the number of standard error")
    func numbers() async throws {
        try await Lab.open { lab in
            try lab.write("image: app:1\n", to: "in.yml")
            try lab.write("{\"app:1\": \"r.io/app@sha256:\(String(repeating: "7", count: 64))\"}", to: "map.json")
            let arguments = "-f in.yml --image-map-file map.json --lock-output lock.yml <&- 2>&-"
            let outcome = try await lab.run("bash", ["-c", "\"$0\" \(arguments) && cat lock.yml", Lab.program])
            #expect(outcome.status == 0 && !outcome.output.contains("final:"), "\(outcome.output)")
        }
    }

    @Test("signals end it while standard error is stuck", arguments: [SIGINT, SIGTERM])
    func stuckLog(signal: Int32) async throws {
        try await Lab.open { lab in
            let digest = "@sha256:" + String(repeating: "7", count: 64)
            try lab.write((0..<3000).map { "---\nimage: r.io/app\($0)\(digest)\n" }.joined(), to: "in.yml")
            let script = """
                import fcntl, os, signal, subprocess, sys, termios, array, time
                reader, writer = os.pipe(); size = fcntl.fcntl(writer, 1031, 4096)
                program = subprocess.Popen([sys.argv[1], "-f", "in.yml"], stdout=subprocess.DEVNULL, stderr=writer)
                waiting = array.array("i", [0])
                # Full is a pipe that the next line doesn't fit in.
                while waiting[0] < size - 512: time.sleep(0.01); fcntl.ioctl(reader, termios.FIONREAD, waiting)
                program.send_signal(\(signal)); print(program.wait(20))
                """
            let outcome = try await lab.run("python3", ["-c", script, Lab.program])
            #expect(outcome.output == "\(128 + signal)\n", "\(outcome.log)")
        }
    }

    @Test("-v tells the version, as --version does")
    func version() async throws {
        try await Lab.open { lab in
            let long = try await lab.kbld("--version")
            let short = try await lab.kbld("-v")
            #expect(short.status == 0 && short.output == long.output && short.output.hasPrefix("kbld version 0.43.0"))
        }
    }

    @Test(
        "every command takes --quiet and --log-format",
        arguments: ["inspect -f in.yml", "version", "completion bash"]
    )
    func logFlags(command: String) async throws {
        try await Lab.open { lab in
            try lab.write("a: 1\n", to: "in.yml")
            let arguments = command.split(separator: " ").map(String.init) + ["--quiet", "--log-format", "json"]
            let outcome = try await lab.run(Lab.program, arguments)
            #expect(outcome.status == 0 && outcome.log == "", "\(outcome.log)")
        }
    }

    @Test(
        "a repository that isn't one is refused at once, with the flag and what is missing or too much",
        arguments: [
            ("-r 127.0.0.1:5000", "--repository '127.0.0.1:5000': this is a registry, and the path is missing"),
            ("-r registry:5000/", "the path is missing: registry:5000/app"),
            ("-r r.io/app:1.0", "--repository 'r.io/app:1.0': this has a tag, and must be a repository: r.io/app\n"),
            (
                "-r r.io/app@sha256:\(String(repeating: "7", count: 64))",
                "this has a digest, and must be a repository: r.io/app\n"
            ),
            ("-r r.io/App", "--repository 'r.io/App': "), ("-r r.io/a//b", "--repository 'r.io/a//b': "),
            ("-r r.io/a//", "--repository 'r.io/a//': "),
            ("-r r.io/a --base-repository r.io:1", "--base-repository 'r.io:1': this is a registry"),
        ]
    )
    func repositories(flags: String, words: String) async throws {
        try await Lab.open { lab in
            try lab.write("a: 1\n", to: "in.yml")
            let arguments = ["unpkg", "-f", "in.yml", "-i", "in.yml"] + flags.split(separator: " ").map(String.init)
            let outcome = try await lab.run(Lab.program, arguments)
            #expect(outcome.status == 1 && outcome.log.contains(words), "\(outcome.log)")
        }
    }
}
