import FoundationEssentials
import LibC
import Subprocess
import Testing

@Suite("Files that are written", .serialized, .needs(.dockerRegistry, .skopeo))
struct FileTests {
    private static let layer = "/blobs/sha256"

    /// A registry with an image of four layers of 1 MiB, behind `faults`; `in.yml` names the image.
    private func withImage(
        _ faults: [Fault],
        _ body: @Sendable (_ lab: Lab, _ host: String) async throws -> Void
    ) async throws {
        try await Lab.open { lab in
            try await lab.registry { backend in
                let reference = try #require(try await lab.push("big", to: backend)["big0"])
                try await lab.faulty(backend, faults) { host in
                    try lab.write("image: \(reference.replacing(backend, with: host))\n", to: "in.yml")
                    try await body(lab, host)
                }
            }
        }
    }

    private func permissions(_ path: String) -> UInt32 {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
    }

    @Test(
        "a signal ends each command within a second, with its status and a line; only what can be gone on from is left",
        arguments: ["resolve", "pkg", "unpkg", "relocate"],
        [Signal.interrupt, .terminate, .terminalClosed]
    )
    func signals(command: String, signal: Signal) async throws {
        let stalls = [
            "resolve": Fault("stall", "HEAD", "/manifests/", times: -1),
            "pkg": Fault("stall-body", "GET", Self.layer, times: -1, skip: 2),
            "unpkg": Fault("stall", "PUT", "/blobs/uploads/", times: -1),
            "relocate": Fault("stall-body", "GET", Self.layer, times: -1, skip: 1),
        ]
        let fault = try #require(stalls[command])
        try await Lab.open { lab in
            try await lab.registry { backend in
                let reference = try #require(try await lab.push("big", to: backend)["big0"])
                try lab.write("image: \(reference)\n", to: "direct.yml")
                #expect(try await lab.kbld("pkg", "-f", "direct.yml", "-o", "direct.tar").status == 0)
                try lab.write("older", to: "p.tar")
                try await lab.faulty(backend, [fault]) { host in
                    try lab.write("image: \(reference.replacing(backend, with: host))\n", to: "in.yml")
                    try lab.write("image: \(host)/big/b0:1\n", to: "tag.yml")
                    let arguments = [
                        "resolve": ["-f", "tag.yml", "--lock-output", "p.tar"],
                        "pkg": ["pkg", "-f", "in.yml", "-o", "p.tar"],
                        "unpkg": ["unpkg", "-f", "direct.yml", "-i", "direct.tar", "-r", host + "/new/x"],
                        "relocate": ["relocate", "-f", "in.yml", "-r", backend + "/new/x", "--lock-output", "p.tar"],
                    ]
                    let ended = try await lab.interrupted(try #require(arguments[command]), by: signal) {
                        try lab.requests().contains { $0.contains(" \(fault.kind) ") }
                    }
                    #expect(ended.outcome.status == 128 + signal.rawValue, "\(ended.outcome.log)")
                    #expect(ended.seconds < 1, "\(ended.seconds)")
                    #expect(!ended.outcome.output.contains("image:"), "\(ended.outcome.output)")
                    #expect(!ended.outcome.log.contains("Error"), "\(ended.outcome.log)")
                    #expect(String(decoding: try lab.read("p.tar"), as: UTF8.self) == "older")
                    let last = ended.outcome.log.split(separator: "\n").last ?? ""
                    #expect(last.hasPrefix("kbld: interrupted"), "\(ended.outcome.log)")
                    // A layer of the package has come.
                    let kept = command == "pkg" ? [".p.tar.partial"] : []
                    #expect(try lab.files().filter { $0.hasPrefix(".") } == kept)
                    #expect(last.contains("of 4.0 MiB are kept in .p.tar.partial; run it again") == !kept.isEmpty)
                    #expect(try await lab.tags(backend + "/new/x") == [])
                }
            }
        }
    }

    @Test("a package that was killed is taken up: whole layers aren't fetched again, and one run at a time writes it")
    func resuming() async throws {
        // The config and two layers arrive; then two stall, once each.
        try await withImage([Fault("stall-body", "GET", Self.layer, times: 2, skip: 3)]) { lab, host in
            try lab.write("older", to: "p.tar")
            let killed = try await lab.interrupted(["pkg", "-f", "in.yml", "-o", "p.tar"], by: .kill) {
                guard try lab.requests().filter({ $0.contains(" stall-body ") }).count == 2 else { return false }
                // Two whole layers of 1 MiB are there; of 256 of their bytes, one is 0. A sample tells.
                let left = try? [UInt8](Data(contentsOf: URL(filePath: lab.folder + "/.p.tar.partial")))
                guard let left else { return false }
                return stride(from: 0, to: left.count, by: 64).count { left[$0] != 0 } > 2_000_000 / 64
            }
            #expect(killed.outcome.status == 137)
            #expect(String(decoding: try lab.read("p.tar"), as: UTF8.self) == "older")
            #expect(try lab.files().contains(".p.tar.partial"))
            // Half a layer may stand in the file: its bytes aren't taken for whole.
            let before = try lab.requests().count
            let resumed = try await lab.kbld("pkg", "-f", "in.yml", "-o", "p.tar")
            #expect(resumed.status == 0, "\(resumed.log)")
            let fetched = try lab.requests().dropFirst(before).filter { $0.contains(Self.layer) }.count
            #expect((1...3).contains(fetched))
            #expect(try lab.files().filter { $0.hasPrefix(".") } == [])
            let direct = try await lab.kbld("pkg", "-f", "in.yml", "-o", "direct.tar")
            #expect(direct.status == 0)
            #expect(try lab.read("p.tar") == lab.read("direct.tar"))
        }
    }

    @Test("what was fetched before a failure is kept, reported in the last line, and not fetched again")
    func failing() async throws {
        let outage = Fault.status(503, "GET", Self.layer, #""skip":3"#)
        try await withImage([outage]) { lab, _ in
            let flags = ["-f", "in.yml", "-o", "p.tar", "--retries", "0", "--concurrency", "1"]
            let failed = try await lab.run(Lab.program, ["pkg"] + flags)
            #expect(failed.status == 1)
            let lines = failed.log.split(separator: "\n")
            #expect(lines.dropLast().last?.hasPrefix("kbld: Error: Copying layer") == true, "\(failed.log)")
            #expect(
                lines.last == "2.0 MiB of 4.0 MiB are kept in .p.tar.partial; run it again to continue"
            )
            #expect(try lab.files().filter { $0.contains("p.tar") } == [".p.tar.partial"])
            let before = try lab.requests().count
            #expect(try await lab.run(Lab.program, ["pkg"] + flags).status == 0)
            // The config, and two layers of four.
            #expect(try lab.requests().dropFirst(before).filter { $0.contains(Self.layer) }.count == 3)
            #expect(try lab.files().filter { $0.contains("p.tar") } == ["p.tar"])
        }
    }

    @Test("what a killed run left is cleared when it is of another package, altered, or not wanted", arguments: 0..<3)
    func clearing(way: Int) async throws {
        try await withImage([]) { lab, _ in
            let flags = way == 2 ? ["--resume=false"] : []
            #expect(try await lab.kbld("pkg", "-f", "in.yml", "-o", "direct.tar").status == 0)
            var left = try lab.read("direct.tar")
            if way == 0 { left[700] ^= 1 } else { left[left.count / 2] ^= 1 }
            try Data(left).write(to: URL(filePath: lab.folder + "/.p.tar.partial"))
            let before = try lab.requests().count
            let outcome = try await lab.run(Lab.program, ["pkg", "-f", "in.yml", "-o", "p.tar"] + flags)
            #expect(outcome.status == 0, "\(outcome.log)")
            #expect(try lab.read("p.tar") == lab.read("direct.tar"))
            let fetched = try lab.requests().dropFirst(before).filter { $0.contains(Self.layer) }.count
            // The config, and the one layer whose byte is altered, or all four.
            #expect(fetched == (way == 1 ? 2 : 5))
            #expect(try lab.files().filter { $0.hasPrefix(".") } == [])
        }
    }

    @Test("a second run that writes the same file is refused while the first goes on")
    func twoAtOnce() async throws {
        try await withImage([Fault("stall-body", "GET", Self.layer, times: -1, skip: 1)]) { lab, _ in
            let seen = "seen.log"
            let first = try await lab.interrupted(["pkg", "-f", "in.yml", "-o", "p.tar"], by: .terminate) {
                guard try lab.requests().contains(where: { $0.contains(" stall-body ") }) else { return false }
                guard try !lab.files().contains(seen) else { return true }
                let shell =
                    "cd \(lab.folder); HOME=$PWD/home \(Lab.program) pkg -f in.yml -o p.tar 2>\(seen); echo $? >>\(seen)"
                return system(shell) == 0
            }
            #expect(first.outcome.status == 143)
            let second = String(decoding: try lab.read(seen), as: UTF8.self)
            #expect(second.contains("another process is writing it") && second.hasSuffix("\n1\n"), "\(second)")
            #expect(!second.contains("exporting"), "it asked the registry before it saw")
        }
    }

    @Test(
        "an output that can't be written is reported before the first request",
        arguments: [
            ["pkg", "-o", "nowhere/p.tar"], ["pkg", "-o", "home"],
            ["relocate", "-r", "HOST/x", "--lock-output", "nowhere/l"],
        ]
    )
    func unwritable(arguments: [String]) async throws {
        try await withImage([]) { lab, host in
            let given = arguments.map { $0.replacing("HOST", with: host) } + ["-f", "in.yml"]
            let outcome = try await lab.run(Lab.program, given)
            #expect(outcome.status == 1)
            #expect(outcome.output == "")
            #expect(outcome.log.contains("kbld: Error: Writing"), "\(outcome.log)")
            #expect(outcome.log.contains("nowhere/") || outcome.log.contains("folder"), "\(outcome.log)")
            #expect(try lab.requests() == [])
        }
    }

    @Test("a link's target is replaced and the link stays, and so do the file's permissions")
    func links() async throws {
        try await withImage([]) { lab, _ in
            try FileManager.default.createDirectory(atPath: lab.folder + "/real", withIntermediateDirectories: true)
            try lab.write("older", to: "real/target.tar")
            #expect(chmod(lab.folder + "/real/target.tar", 0o640) == 0)
            #expect(symlink("real/target.tar", lab.folder + "/link.tar") == 0)
            #expect(symlink("real/new.tar", lab.folder + "/dangling.tar") == 0)
            for link in ["link.tar", "dangling.tar"] {
                #expect(try await lab.kbld("pkg", "-f", "in.yml", "-o", link).status == 0)
                #expect(
                    try FileManager.default.destinationOfSymbolicLink(atPath: lab.folder + "/" + link).hasPrefix(
                        "real/"
                    )
                )
            }
            #expect(permissions(lab.folder + "/real/target.tar") == 0o640)
            #expect(try lab.read("real/target.tar") == lab.read("real/new.tar"))
            #expect(try lab.read("real/target.tar").count > 4 << 20)
        }
    }

    @Test("a limit on file sizes is an error like others, and leaves what was there")
    func fileSizeLimit() async throws {
        try await withImage([]) { lab, _ in
            try lab.write("older", to: "p.tar")
            let shell = "ulimit -f 1000; exec \(Lab.program) pkg -f in.yml -o p.tar"
            let outcome = try await lab.run("bash", ["-c", shell])
            #expect(outcome.status == 1, "\(outcome.log)")
            #expect(outcome.log.contains("Error: Writing package 'p.tar'"), "\(outcome.log)")
            #expect(String(decoding: try lab.read("p.tar"), as: UTF8.self) == "older")
            #expect(try lab.files().filter { $0.hasPrefix(".") } == [])
        }
    }

    @Test(
        "a disk without room is reported before a layer is fetched",
        .enabled(if: geteuid() == 0, "mounting needs root")
    )
    func fullDisk() async throws {
        try await withImage([]) { lab, _ in
            try FileManager.default.createDirectory(atPath: lab.folder + "/small", withIntermediateDirectories: true)
            let shell = #"""
                mount -t tmpfs -o size=2m none small && echo older > small/p.tar
                \#(Lab.program) pkg -f in.yml -o small/p.tar; code=$?
                ls -A small; cat small/p.tar; exit $code
                """#
            let outcome = try await lab.run("unshare", ["-m", "bash", "-c", shell])
            #expect(outcome.status == 1, "\(outcome.log)")
            #expect(outcome.log.contains("not enough space"), "\(outcome.log)")
            #expect(outcome.output == "p.tar\nolder\n")
            #expect(try lab.requests().filter { $0.contains(Self.layer) }.count == 1, "only the config is fetched")
        }
    }

    @Test(
        "a disk that fills up meanwhile is reported, and the temporary goes",
        .enabled(if: geteuid() == 0, "mounting needs root")
    )
    func fillingDisk() async throws {
        let slow = Fault("slow", "GET", Self.layer, times: -1, skip: 1, #""pieces":10,"pause":0.5"#)
        try await withImage([slow]) { lab, _ in
            try FileManager.default.createDirectory(atPath: lab.folder + "/small", withIntermediateDirectories: true)
            let shell = #"""
                mount -t tmpfs -o size=6m none small && echo older > small/p.tar
                \#(Lab.program) pkg -f in.yml -o small/p.tar & job=$!
                while [ ! -e small/.p.tar.partial ] && kill -0 $job; do sleep 0.02; done
                sleep 0.3; dd if=/dev/zero of=small/fill bs=64k 2>/dev/null
                wait $job; code=$?; rm small/fill
                ls -A small; cat small/p.tar; exit $code
                """#
            let outcome = try await lab.run("unshare", ["-m", "bash", "-c", shell])
            #expect(outcome.status == 1, "\(outcome.log)")
            #expect(outcome.log.contains("not enough space"), "\(outcome.log)")
            #expect(outcome.output == "p.tar\nolder\n")
        }
    }
}
