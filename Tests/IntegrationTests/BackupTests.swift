import FoundationEssentials
import Subprocess
import Testing

@Suite("Backups of registries", .needs(.dockerRegistry, .skopeo))
struct BackupTests {
    private static func backup(of repositories: String..., base: Bool = false) -> [String] {
        ["backup"] + repositories.flatMap { ["-r", $0] } + ["-o", "backups"] + (base ? ["--base", "last"] : [])
    }

    private func packages(_ lab: Lab) throws -> [String] { try lab.files("backups").filter { $0.hasSuffix(".tar") } }

    @Test("a registry whose storage is lost comes back from increments, and is verified against the backup")
    func loss() async throws {
        try await Lab.open { lab in
            let before = try await lab.registry { host in
                _ = try await lab.push("basic", to: host)
                try await lab.succeed(Lab.program, Self.backup(of: host + "/lib/**", base: true))
                _ = try await lab.push("exotic", to: host)
                _ = try await lab.push("tags", to: host)
                // The signed image has a tag of cosign's.
                let second = Self.backup(of: host + "/lib/**", host + "/ex/**", base: true)
                try await lab.succeed(Lab.program, second)
                var digests: [String: [String: String]] = [:]
                for name in ["lib/multi", "lib/tagged", "lib/app-docker"] {
                    digests[name] = try await lab.digests("\(host)/\(name)")
                }
                digests["ex/signed"] = Dictionary(
                    uniqueKeysWithValues: try await lab.tags(host + "/ex/signed").map { ($0, "") }
                )
                return digests
            }
            for name in try lab.files() where name.hasPrefix("registry-") && !name.hasSuffix(".yml") {
                try lab.removeFolder(name)
            }
            let backups = try packages(lab)
            #expect(backups.count == 2)
            try await lab.succeed(Lab.program, ["backup", "verify", "backups"])
            try await lab.registry { host in
                let planned = try await lab.kbld("restore", "backups", "-r", host, "--dry-run")
                #expect(planned.status == 0 && planned.output.contains(host + "/lib/multi:latest"), "\(planned.log)")
                #expect(try await lab.tags(host + "/lib/multi").isEmpty)
                try await lab.succeed(Lab.program, ["restore", "backups", "-r", host])
                for (name, tags) in before {
                    let found = try await lab.tags("\(host)/\(name)")
                    #expect(found == tags.keys.sorted(), "\(name)")
                    guard name != "ex/signed" else { continue }
                    #expect(try await lab.digests("\(host)/\(name)") == tags)
                }
                #expect(before["ex/signed"]?.keys.contains { $0.hasSuffix(".sig") } == true)
                let latest = "backups/" + (backups.sorted().last ?? "")
                try await lab.succeed(
                    Lab.program,
                    ["verify", latest, "--against", host, "--repository-layout", "mirror", "--deep"]
                )
                // One repository against a backup of it.
                try await lab.succeed(
                    Lab.program,
                    ["backup", "-r", host + "/lib/tagged", "-o", "again"]
                )
                let again = try #require(try lab.files("again").first { $0.hasSuffix(".tar") })
                try await lab.succeed(Lab.program, ["verify", "again/" + again, "--against", host + "/lib/tagged"])
                // Once more nothing is sent.
                let second = try await lab.kbld("restore", "backups", "-r", host, "--debug")
                #expect(second.status == 0 && !second.log.contains("PUT ") && !second.log.contains("POST "))
            }
        }
    }

    @Test("a backup that is killed leaves nothing that counts, and the next one clears it")
    func killed() async throws {
        try await Lab.open { lab in
            try await lab.registry { backend in
                _ = try await lab.push("tags", to: backend)
                let slow = Fault("slow", "GET", "/blobs/", times: -1, #""pieces":4,"pause":0.2"#)
                try await lab.faulty(backend, [slow]) { host in
                    let killed = try await lab.interrupted(Self.backup(of: host + "/lib/tagged"), by: .kill) {
                        (try? lab.files("backups").contains { $0.hasSuffix(".partial") }) == true
                    }
                    #expect(killed.outcome.status == 137)
                    #expect(try packages(lab).isEmpty)
                    let empty = try await lab.kbld("restore", "backups", "-r", host + "/x")
                    #expect(empty.status == 1 && empty.log.contains("'backups' has no backup"), "\(empty.log)")
                    try await lab.succeed(Lab.program, Self.backup(of: host + "/lib/tagged"))
                    #expect(try lab.files("backups").count { $0.hasSuffix(".partial") } == 0)
                    #expect(try packages(lab).count == 1)
                    try await lab.succeed(Lab.program, ["backup", "verify", "backups"])
                }
            }
        }
    }

    @Test("backups of single repositories, made at once, are restored together; a damaged one is told")
    func together() async throws {
        try await Lab.open { lab in
            try await lab.registry { host in
                _ = try await lab.push("tags", to: host)
                _ = try await lab.push("basic", to: host)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for name in ["lib/tagged", "lib/multi"] {
                        group.addTask { try await lab.succeed(Lab.program, Self.backup(of: "\(host)/\(name)")) }
                    }
                    try await group.waitForAll()
                }
                #expect(try packages(lab).count == 2)
                try await lab.succeed(Lab.program, ["restore", "backups", "-r", host + "/again"])
                for name in ["lib/tagged", "lib/multi"] {
                    #expect(try await lab.digests("\(host)/again/\(name)") == lab.digests("\(host)/\(name)"))
                }
                let first = try #require(try packages(lab).sorted().first)
                try lab.write("damaged", to: "backups/" + first)
                let list = try await lab.kbld("backup", "list", "backups")
                #expect(list.status == 1 && list.log.contains(first) && list.output.contains(first), "\(list.log)")
                #expect(try await lab.kbld("backup", "verify", "backups").status == 1)
            }
        }
    }
}
