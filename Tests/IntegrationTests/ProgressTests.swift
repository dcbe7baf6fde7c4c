import FoundationEssentials
import Testing

@Suite("Progress on standard error", .serialized, .needs(.dockerRegistry))
struct ProgressTests {
    /// What `terminal.py` saw.
    private struct Seen: Decodable {
        var status: Int32
        var output: String
        var raw: String
        var screen: [String]
        var seconds: Double
    }

    /// Runs `body` with a document of images whose registry sends 1 MiB in about `seconds`.
    private func slowly(
        _ seconds: Double,
        _ body: @Sendable (Lab, _ source: String, _ images: Int) async throws -> Void
    ) async throws {
        try await Lab.open { lab in
            try await lab.registry { origin in
                // Two images of four layers of 1 MiB each; four layers at once share no line, so each is slow.
                let images = try await lab.push("big", to: origin)
                let rate = Int(Double(1 << 20) / seconds)
                let arguments = [lab.script("slow_registry.py"), origin, "\(rate)"]
                try await lab.serve("python3", arguments) { port in
                    let source = "127.0.0.1:\(port)"
                    let documents = images.values.sorted().map { "image: \($0.replacing(origin, with: source))\n" }
                    try lab.write(documents.joined(separator: "---\n"), to: "in.yml")
                    try await body(lab, source, images.count)
                }
            }
        }
    }

    private func inTerminal(
        _ lab: Lab,
        columns: Int = 100,
        interruptAfter seconds: Double = 0,
        inCI: Bool = false,
        _ arguments: String...
    ) async throws -> Seen {
        let outcome = try await lab.run(
            "python3",
            [lab.script("terminal.py"), "\(columns)", "\(seconds)", Lab.program] + arguments,
            environment: inCI ? ["LAB_CI": "true"] : [:]
        )
        try #require(outcome.status == 0, "\(outcome.log)")
        return try JSONDecoder().decode(Seen.self, from: Data(outcome.output.utf8))
    }

    @Test("a terminal shows a bar, which is gone in the end", arguments: [100, 48])
    func bar(columns: Int) async throws {
        try await slowly(1) { lab, source, count in
            let seen = try await inTerminal(
                lab,
                columns: columns,
                "pkg",
                "-f",
                "in.yml",
                "-o",
                "p.tar",
                "--concurrency",
                "4"
            )
            #expect(seen.status == 0)
            #expect(seen.raw.contains("━") && seen.raw.contains("% ") && seen.raw.contains("big/b"), "\(seen.raw)")
            #expect(seen.raw.contains("of 8.0 MiB"))
            if columns >= 80 {
                #expect(seen.raw.contains("MiB/s") && seen.raw.contains(#/ 0:0\d left/#))
                #expect(seen.raw.contains("of 8 blobs: "))
            }
            for status in seen.raw.split(separator: "\u{1B}[J").dropFirst() where status.contains("━") {
                #expect(status.split(separator: "\r\n").allSatisfy { $0.count < columns + 8 }, "\(status)")
            }
            #expect(seen.screen.first == "package | exporting \(count) images...")
            #expect(seen.screen.dropLast().last == "package | exported \(count) images")
            #expect(seen.screen.last?.hasPrefix("package | wrote p.tar, 8.") == true, "\(seen.screen)")
            #expect(seen.screen.count == count + 3, "\(seen.screen)")
            #expect(seen.output == "")
        }
    }

    @Test("in CI a terminal shows no bar")
    func barInCI() async throws {
        try await slowly(1) { lab, _, count in
            let seen = try await inTerminal(lab, inCI: true, "pkg", "-f", "in.yml", "-o", "p.tar")
            #expect(seen.status == 0 && !seen.raw.contains("━") && !seen.raw.contains("\u{1B}"), "\(seen.raw)")
        }
    }

    @Test("an interruption and an error leave a clean terminal")
    func interrupted() async throws {
        try await slowly(5) { lab, _, count in
            let seen = try await inTerminal(lab, interruptAfter: 3, "pkg", "-f", "in.yml", "-o", "p.tar")
            #expect(seen.status == 130)
            #expect(seen.raw.contains("━"))
            // The first line, one for each image, and one that says that it was interrupted.
            #expect(seen.screen.count == count + 2, "\(seen.screen)")
            #expect(try !lab.files().contains("p.tar"))
        }
    }

    @Test("a short run shows no bar, and nothing but its lines where there is no terminal")
    func short() async throws {
        try await slowly(0.01) { lab, _, count in
            let seen = try await inTerminal(lab, "pkg", "-f", "in.yml", "-o", "p.tar")
            if seen.seconds < 0.4 { #expect(!seen.raw.contains("━")) }
            #expect(seen.screen.count == count + 3, "\(seen.screen)")
            let plain = try await lab.kbld("pkg", "-f", "in.yml", "-o", "p.tar")
            #expect(plain.log.split(separator: "\n").count == count + 3, "\(plain.log)")
            #expect(!plain.log.contains("\u{1B}"))
        }
    }

    @Test("a long run without a terminal tells now and then where it is")
    func lines() async throws {
        try await slowly(6.5) { lab, _, count in
            let outcome = try await lab.kbld("pkg", "-f", "in.yml", "-o", "p.tar")
            #expect(outcome.status == 0 && outcome.output == "")
            let extra = outcome.log.split(separator: "\n").filter { $0.hasPrefix("package | downloading: ") }
            #expect((1...2).contains(extra.count), "\(outcome.log)")
            #expect(extra.first?.contains("of 8.0 MiB), 0 of 8 blobs, ") == true, "\(outcome.log)")
            #expect(outcome.log.split(separator: "\n").count == count + 3 + extra.count)
        }
    }

    private struct Event: Decodable {
        var time: String
        var level: String
        var event: String
        var command: String?
        var message: String?
        var phase: String?
        var bytes_done: Int64?
        var bytes_total: Int64?
        var in_flight: [String]?
    }

    @Test("with --log-format json each line of the log is an object")
    func events() async throws {
        try await slowly(1) { lab, source, count in
            let outcome = try await lab.kbld("pkg", "-f", "in.yml", "-o", "p.tar", "--log-format", "json")
            #expect(outcome.status == 0 && outcome.output == "")
            let events = try outcome.log.split(separator: "\n").map {
                try JSONDecoder().decode(Event.self, from: Data($0.utf8))
            }
            #expect(events.allSatisfy { $0.level == "info" && $0.time.hasSuffix("Z") && $0.command == "package" })
            #expect(events.filter { $0.event == "log" }.count == count + 2)
            #expect(events.first?.message == "exporting \(count) images...")
            let copied = events.filter { $0.event == "progress" && $0.phase == "copy" }
            #expect(copied.count >= 2)
            #expect(copied.contains { $0.in_flight?.contains("big/b0") == true })
            let last = try #require(copied.last)
            #expect(last.bytes_total ?? 0 > 8 << 20 && last.bytes_done == last.bytes_total)

            let failing = try await lab.kbld("pkg", "-f", "missing.yml", "-o", "p.tar", "--log-format=json")
            #expect(failing.status == 1)
            let error = try JSONDecoder().decode(Event.self, from: Data(failing.log.utf8))
            #expect(error.level == "error" && error.event == "error")
            #expect(error.message?.contains("missing.yml") == true && error.command == "package")
        }
    }

    @Test("with --quiet only errors are logged")
    func quiet() async throws {
        try await slowly(0.01) { lab, source, _ in
            let outcome = try await lab.kbld("pkg", "-f", "in.yml", "-o", "p.tar", "--quiet")
            #expect(outcome.status == 0 && outcome.output == "" && outcome.log == "")
            let installed = try await lab.kbld(
                "unpkg",
                "-f",
                "in.yml",
                "-i",
                "p.tar",
                "-r",
                source + "/all",
                "--quiet"
            )
            #expect(installed.status == 0 && installed.log == "", "\(installed.log)")
            #expect(installed.output.contains("image: \(source)/all@sha256:"))
            let failing = try await lab.kbld("-f", "missing.yml", "--quiet")
            #expect(failing.status == 1 && failing.log.hasPrefix("kbld: Error: "))
        }
    }

    @Test("uploads and copies count too", arguments: ["unpkg", "relocate"])
    func uploads(command: String) async throws {
        try await slowly(0.7) { lab, source, _ in
            try #require(try await lab.kbld("pkg", "-f", "in.yml", "-o", "p.tar").status == 0)
            let input = command == "unpkg" ? ["-i", "p.tar"] : []
            try await lab.registry { target in
                let arguments = [command, "-f", "in.yml", "--log-format", "json"] + input
                let place = (command == "unpkg" ? source : target) + "/moved"
                let outcome = try await lab.run(Lab.program, arguments + ["-r", place])
                #expect(outcome.status == 0, "\(outcome.log)")
                let events = try outcome.log.split(separator: "\n").map {
                    try JSONDecoder().decode(Event.self, from: Data($0.utf8))
                }
                let moved = events.filter { $0.phase == "copy" }
                #expect(moved.contains { $0.in_flight?.contains("big/b1") == true }, "\(outcome.log)")
                #expect(moved.contains { $0.bytes_done ?? 0 > 0 && $0.bytes_total ?? 0 > 8 << 20 })
                #expect(events.last { $0.event == "progress" }?.phase == "push", "\(outcome.log)")
            }
        }
    }
}
