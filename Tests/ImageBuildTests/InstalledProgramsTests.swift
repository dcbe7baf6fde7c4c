import ContainerImage
import ImageBuild
import KbldConfiguration
import Synchronization
import TestSupport
import Testing

/// Programs are shell scripts here, which stand in a folder of their own.
@Suite("Programs that are run")
struct InstalledProgramsTests {
    /// What a build by a `ko` of this body logs, without what the build itself says, and what it comes to.
    private func ko(_ body: String, _ options: [String] = []) async throws -> (lines: [String], image: String) {
        let folder = try TemporaryFolder()
        try folder.write("#!/bin/sh\n\(body)\n", to: "ko")
        let log = Mutex<[String]>([])
        let build = SourceBuild(
            programs: ShellPrograms(folder: folder.path),
            log: { line in log.withLock { $0.append(line) } },
            tag: { _, _ in },
            lookUp: { _, tag in throw UnknownTag(tag: tag.name) }
        )
        let source = BuildSource(matcher: .image("app"), path: folder.path, builder: .ko(rawOptions: options))
        let image = try await build("app", source, nil).url
        return (log.withLock { $0.dropFirst().dropLast().map { String($0.dropFirst("app | ".count)) } }, image)
    }

    /// `ko` is a script; git isn't installed.
    private struct ShellPrograms: BuildPrograms {
        let folder: String

        func has(_ program: String) -> Bool { true }

        func run(_ call: ProgramCall, line: @escaping @Sendable (String) -> Void) async throws -> ProgramOutput {
            let isGit = call.program == "git"
            return try await InstalledPrograms(path: folder).run(
                ProgramCall(
                    program: isGit ? folder + "/git" : "sh",
                    arguments: ["ko"] + call.arguments,
                    folder: call.folder,
                    environment: ["GREETING": "hello"]
                ),
                line: line
            )
        }
    }

    @Test("What a program prints comes line by line; lines end in a line feed, a return or both")
    func lines() async throws {
        let printed = try await ko(#"printf 'one\rtwo\r\n\nthree\377\nlast' >&2; echo ko.local/x"#)
        #expect(printed.lines.filter { $0 != "ko.local/x" } == ["one", "two", "", "three\u{FFFD}", "last"])
        #expect(printed.image == "ko.local/x")
    }

    @Test("Of very much output, all is shown, in parts where a line is very long")
    func length() async throws {
        let printed = try await ko(#"head -c 9000000 /dev/zero | tr '\0' . >&2; echo ko.local/x"#)
        #expect(printed.lines.joined().utf8.count == 9_000_000 + "ko.local/x".utf8.count)
        #expect(printed.lines.allSatisfy { $0.utf8.count <= LineSplitter.longest })
    }

    @Test("Colours for terminals are left out")
    func colours() async throws {
        let printed = try await ko(#"printf '\033[32mgreen\033[0m\n\033[1;31mred\n' >&2; echo x"#)
        #expect(printed.lines.filter { $0 != "x" } == ["green", "red"])
    }

    @Test("Arguments come as they are, as no shell sees them; variables are added, and input there is none")
    func arguments() async throws {
        let printed = try await ko(
            #"for word in "$@"; do echo "<$word>" >&2; done; echo "$GREETING" >&2; cat; echo x"#,
            ["a b", "$HOME", "", "*", "'"]
        )
        #expect(
            printed.lines.filter { $0 != "x" } == [
                "<publish>", "<.>", "<--local>", "<a b>", "<$HOME>", "<>", "<*>", "<'>", "hello",
            ]
        )
    }

    @Test(
        "A failure tells the status and the last lines, those of standard error if there are any",
        arguments: [
            ("echo out; exit 3", "'sh ko publish .' failed: exit status 3\n  out"),
            ("echo out; echo no such base >&2; exit 7", "'sh ko publish .' failed: exit status 7\n  no such base"),
            ("seq 9; exit 1", "'sh ko publish .' failed: exit status 1\n  5\n  6\n  7\n  8\n  9"),
            ("kill -9 $$", "'sh ko publish .' failed: ended by signal 9"),
        ]
    )
    func failure(body: String, words: String) async throws {
        // Options may hold secrets.
        let error = await #expect(throws: BuildError.self) { try await ko(body, ["--token=s3cret"]) }
        #expect(error?.description == words)
    }

    @Test("A program that isn't installed is named")
    func missing() async throws {
        let programs = InstalledPrograms(path: "")
        let call = ProgramCall(program: "no-such-program", arguments: [])
        let error = await #expect(throws: BuildError.self) { try await programs.run(call) { _ in } }
        #expect(error?.description.hasPrefix("running 'no-such-program': is it installed? (") == true)
    }

    @Test("A program is installed where a folder of PATH has a file of its name that can be run")
    func path() throws {
        let folder = try TemporaryFolder()
        try folder.write("", to: "docker")
        let programs = InstalledPrograms(path: "/no/such/folder:\(folder.path):/bin")
        #expect(programs.has("sh") && !programs.has("docker") && !programs.has("no-such-program"))
        #expect(!InstalledPrograms(path: "").has("sh"))
    }

    @Test("A build that is cancelled ends, with all that it started, even what doesn't listen")
    func cancellation() async throws {
        let programs = InstalledPrograms(path: "")
        let script = "(trap '' TERM; exec sleep 300) & echo $!; sleep 300"
        let call = ProgramCall(program: "sh", arguments: ["-c", script])
        let (lines, taken) = AsyncStream.makeStream(of: String.self)
        let work = Task { try await programs.run(call) { taken.yield($0) } }
        var child: Int32?
        for await line in lines {
            child = Int32(line)
            break
        }
        work.cancel()
        await #expect(throws: CancellationError.self) { try await work.value }
        let process = try #require(child)
        // What was killed may take a moment to be gone.
        while Process.runs(process) { await Task.yield() }
    }
}
