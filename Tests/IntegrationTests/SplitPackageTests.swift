import FoundationEssentials
import Testing

@Suite("Split packages", .serialized, .needs(.bash, .dockerRegistry))
struct SplitPackageTests {
    @Test("cat and sha256sum join and check what was split; every command reads it in place, under the same digests")
    func wayThere() async throws {
        try await Lab.open { lab in
            try await lab.registry { host in
                let images = try await lab.push("big", to: host)
                try lab.write(images.values.sorted().map { "image: \($0)\n" }.joined(separator: "---\n"), to: "in.yml")
                try await lab.succeed(Lab.program, ["pkg", "-f", "in.yml", "-o", "whole.tar"])
                let split = try await lab.kbld("pkg", "-f", "in.yml", "-o", "p.tar", "--split", "1.5MiB")
                #expect(
                    split.status == 0 && split.log.contains("lists 6 files, p.tar.001 to p.tar.006"),
                    "\(split.log)"
                )
                let joined =
                    "sha256sum --strict -c p.tar.SHA256SUMS && cat p.tar.[0-9]* > p.tar && cmp p.tar whole.tar && rm p.tar"
                try await lab.succeed("bash", ["-c", joined])
                let index = "p.tar.volumes.json"
                try await lab.succeed(Lab.program, ["verify", index])
                try await lab.succeed(Lab.program, ["package", "join", index, "-o", "joined.tar"])
                try await lab.succeed("cmp", ["joined.tar", "whole.tar"])
                let piped = "'\(Lab.program)' package join \(index) -o - | cmp - whole.tar"
                try await lab.succeed("bash", ["-o", "pipefail", "-c", piped])
                #expect(try !lab.files().contains("-"))
                let table = try await lab.kbld("package", "inspect", index)
                #expect(table.status == 0 && table.output.contains("big/b0"), "\(table.log)")
                let arrived = try await lab.kbld("unpkg", "-f", "in.yml", "-i", index, "-r", "\(host)/app")
                #expect(arrived.status == 0, "\(arrived.log)")
                for reference in images.values {
                    let digest = try #require(reference.split(separator: "@").last)
                    #expect(arrived.output.contains("\(host)/app@\(digest)"))
                }
                try await lab.succeed(Lab.program, ["verify", index, "--against", "\(host)/app", "--deep"])
                try await served(index, of: lab, expecting: images)
            }
        }
    }

    /// Layers that are in two files are served as well as those in one.
    private func served(_ index: String, of lab: Lab, expecting images: [String: String]) async throws {
        try await lab.serve(Lab.program, ["serve", "\(lab.folder)/\(index)", "--listen", "127.0.0.1:0"]) { port in
            let served = images.values.map { reference in
                "image: 127.0.0.1:\(port)/\(reference.split(separator: "/", maxSplits: 1).last ?? "")\n"
            }
            try lab.write(served.sorted().joined(separator: "---\n"), to: "served.yml")
            try await lab.succeed(Lab.program, ["pkg", "-f", "served.yml", "-o", "again.tar"])
            let entries =
                "for t in whole again; do tar xOf $t.tar --wildcards 'sha256-*' | sha256sum; done | uniq | wc -l"
            #expect(try await lab.run("bash", ["-c", entries]).output == "1\n")
        }
    }

    @Test("volumes arrive in any order, and the last names the images")
    func volumes() async throws {
        try await Lab.open { lab in
            try await lab.registry { host in
                let images = try await lab.push("big", to: host)
                try lab.write(images.values.sorted().map { "image: \($0)\n" }.joined(separator: "---\n"), to: "in.yml")
                try await lab.succeed(Lab.program, ["pkg", "-f", "in.yml", "-o", "whole.tar"])
                try await lab.succeed(Lab.program, ["pkg", "-f", "in.yml", "-o", "p.tar", "--volumes", "4MiB"])
                let names = try await lab.run("bash", ["-c", "ls p-*of*.tar"]).output.split(separator: "\n").map(
                    String.init
                )
                #expect(names.count > 1)
                try await lab.succeed(Lab.program, ["package", "merge", "-o", "merged.tar"] + names)
                try await lab.succeed("cmp", ["merged.tar", "whole.tar"])
                for name in names { try await lab.succeed(Lab.program, ["verify", name]) }
                let install = ["unpkg", "-f", "in.yml", "-r", "\(host)/app"]
                let first = try await lab.run(Lab.program, install + ["-i", try #require(names.last)])
                #expect(first.status == 0 && first.output == "", "\(first.log)")
                #expect(first.log.contains(" of \(names.count) volumes so far, "), "\(first.log)")
                let all = names.reversed().flatMap { ["-i", $0] }
                let last = try await lab.run(Lab.program, install + all)
                #expect(last.status == 0 && last.log.contains("imported \(images.count) images"), "\(last.log)")
                for reference in images.values {
                    let digest = try #require(reference.split(separator: "@").last)
                    #expect(last.output.contains("\(host)/app@\(digest)"))
                }
                try await lab.succeed(Lab.program, ["verify", "whole.tar", "--against", "\(host)/app", "--deep"])
                let mixed = try await lab.kbld("unpkg", "-i", names[0], "-i", "whole.tar", "-r", "\(host)/app")
                #expect(mixed.status == 1 && mixed.log.contains("this is not a volume"), "\(mixed.log)")
            }
        }
    }

    @Test(
        "a run that is killed between two files goes on from there; a command that fails ends the run and keeps its file"
    )
    func interruption() async throws {
        try await Lab.open { lab in
            try await lab.registry { host in
                let images = try await lab.push("big", to: host)
                try lab.write(images.values.sorted().map { "image: \($0)\n" }.joined(separator: "---\n"), to: "in.yml")
                try await lab.succeed(Lab.program, ["pkg", "-f", "in.yml", "-o", "whole.tar"])
                let arguments = ["pkg", "-f", "in.yml", "-o", "p.tar", "--split", "1MiB", "--output-volume-command"]
                let killed = try await lab.run(Lab.program, arguments + ["[ $KBLD_VOLUME != 4 ] || kill -9 $PPID"])
                #expect(killed.status == 137)
                #expect(try !lab.files().contains("p.tar.volumes.json"))
                let failed = try await lab.run(
                    Lab.program,
                    arguments + ["echo no room on $KBLD_PATH; [ $KBLD_VOLUME != 6 ]"]
                )
                #expect(failed.status == 1 && failed.log.contains("Handing over 'p.tar.006'"), "\(failed.log)")
                #expect(failed.log.contains("no room on p.tar.006") && !failed.log.contains("p.tar.001: no room"))
                try await lab.succeed(Lab.program, arguments + ["true"])
                try await lab.succeed("bash", ["-c", "cat p.tar.[0-9]* | cmp - whole.tar"])
                try await lab.succeed(Lab.program, ["verify", "p.tar.volumes.json"])
                let moved = try await lab.run(
                    Lab.program,
                    arguments + ["mkdir -p away; mv $KBLD_PATH away/", "--no-resume"]
                )
                #expect(moved.status == 0, "\(moved.log)")
                try await lab.succeed("bash", ["-c", "cat away/p.tar.[0-9]* | cmp - whole.tar"])
                let lost = try await lab.kbld("verify", "p.tar.volumes.json")
                #expect(lost.status == 1 && lost.output.contains("p.tar.001") && lost.output.contains("missing"))
                #expect(lost.log.contains("verify | needed again: part 1, part 2, "), "\(lost.log)")
            }
        }
    }
}
