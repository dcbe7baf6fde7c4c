import FoundationEssentials
import Subprocess
import Testing

@Suite("Runs that are killed at some request", .needs(.dockerRegistry, .skopeo))
struct KilledRunTests {
    private static let tags = ["1.0.0", "2.0.0", "latest"]

    /// Runs `body` with a registry whose repository `src/app` has three tags, one of them signed as cosign does. Behind the
    /// proxy, the request of this number is never answered.
    private func registry(
        _ number: Int,
        _ body: @escaping @Sendable (Lab, _ host: String, _ backend: String) async throws -> Void
    ) async throws {
        try await Lab.open { lab in
            try await lab.registry { backend in
                _ = try await lab.push("tags", to: backend)
                for tag in Self.tags {
                    let names = ["\(backend)/lib/tagged:\(tag)", "\(backend)/src/app:\(tag)"]
                    try await lab.succeed(Lab.program, ["copy"] + names)
                }
                let digest = try #require(try await lab.digests(backend + "/src/app")["latest"])
                let signature = "\(backend)/src/app:\(digest.replacing(":", with: "-")).sig"
                try await lab.succeed(Lab.program, ["copy", backend + "/lib/tagged:3", signature])
                try await lab.faulty(backend, [.request(number)]) { try await body(lab, $0, backend) }
            }
        }
    }

    private func kill(_ arguments: [String], in lab: Lab) async throws {
        let killed = try await lab.interrupted(arguments, by: .kill) {
            try lab.requests().contains { $0.contains(" stall ") }
        }
        #expect(killed.outcome.status == 137)
    }

    @Test("a mirror's next run brings what is missing, with signatures", arguments: [1, 9, 25, 45, 58, 61])
    func mirror(number: Int) async throws {
        try await registry(number) { lab, host, backend in
            try lab.writeMirror(to: host + "/m", "- repository: \(host)/src/app", "companions: [cosign]")
            let run = ["mirror", "run", "-f", "mirror.yml", "--concurrency", "1"]
            try await kill(run, in: lab)
            try await lab.succeed(Lab.program, run)
            #expect(try await Self.tags(backend + "/m/src/app", in: lab) == Self.tags(backend + "/src/app", in: lab))
            #expect(try await lab.digests(backend + "/m/src/app") == lab.digests(backend + "/src/app"))
            #expect(try await lab.mirrorCounts() == ["add": 0, "move": 0, "keep": 3, "prune": 0])
            // It knows what it has set.
            try lab.writeMirror(to: host + "/m", "- repository: \(host)/src/app\n  tags: [latest]")
            #expect(try await lab.mirrorCounts()["prune"] == 2)
        }
    }

    @Test("an increment of a mirror is there whole, or not at all", arguments: [2, 10, 18])
    func increment(number: Int) async throws {
        try await registry(number) { lab, host, backend in
            try lab.writeMirror(to: "r.local/m", "- image: \(backend)/src/app:1.0.0", name: "base.yml")
            try await lab.succeed(Lab.program, ["mirror", "run", "-f", "base.yml", "-o", "base.tar"])
            try lab.writeMirror(to: "r.local/m", "- repository: \(host)/src/app")
            try FileManager.default.createDirectory(
                atPath: lab.folder + "/out",
                withIntermediateDirectories: false
            )
            let flags = ["--concurrency", "1", "-o", "out/x.tar", "--base", "base.tar"]
            let run = ["mirror", "run", "-f", "mirror.yml"] + flags
            try await kill(run, in: lab)
            #expect(try !lab.files("out").contains("x.tar"))
            try await lab.succeed(Lab.program, run)
            #expect(try lab.files("out") == ["x.tar"])
            try await lab.succeed(Lab.program, ["verify", "out/x.tar"])
        }
    }

    @Test("the next backup is whole, a first one and an increment", arguments: [3, 12, 22], [false, true])
    func backup(number: Int, isIncrement: Bool) async throws {
        try await registry(number) { lab, host, backend in
            func backup(of name: String) -> [String] {
                let base = isIncrement ? ["--base", "last"] : []
                return ["backup", "-r", name, "-o", "backups", "--concurrency", "1"] + base
            }
            if isIncrement { try await lab.succeed(Lab.program, backup(of: backend + "/lib/tagged")) }
            let former = isIncrement ? 1 : 0
            try await kill(backup(of: host + "/src/app"), in: lab)
            #expect(try Self.packages(in: lab).count == former)
            try await lab.succeed(Lab.program, backup(of: host + "/src/app"))
            let files = try lab.files("backups")
            #expect(files.count == former + 2 && Self.packages(files).count == former + 1, "\(files)")
            try await lab.succeed(Lab.program, ["backup", "verify", "backups"])
            try await lab.succeed(Lab.program, ["restore", "backups", "-r", backend + "/r"])
            #expect(try await Self.tags(backend + "/r/src/app", in: lab) == Self.tags(backend + "/src/app", in: lab))
        }
    }

    @Test("the next restoration brings what is missing", arguments: [1, 12, 24, 36])
    func restore(number: Int) async throws {
        try await registry(number) { lab, host, backend in
            try await lab.succeed(Lab.program, ["backup", "-r", backend + "/src/app", "-o", "backups"])
            let restore = ["restore", "backups", "-r", host + "/r", "--concurrency", "1"]
            try await kill(restore, in: lab)
            try await lab.succeed(Lab.program, restore)
            #expect(try await Self.tags(backend + "/r/src/app", in: lab) == Self.tags(backend + "/src/app", in: lab))
            #expect(try await lab.digests(backend + "/r/src/app") == lab.digests(backend + "/src/app"))
        }
    }

    /// All but those that copying has added.
    private static func tags(_ repository: String, in lab: Lab) async throws -> [String] {
        try await lab.tags(repository).filter { !$0.hasPrefix("kbld-") }
    }

    private static func packages(in lab: Lab) throws -> [String] {
        FileManager.default.fileExists(atPath: lab.folder + "/backups") ? packages(try lab.files("backups")) : []
    }

    private static func packages(_ files: [String]) -> [String] {
        files.filter { $0.hasSuffix(".tar") && !$0.hasPrefix(".") }
    }
}
