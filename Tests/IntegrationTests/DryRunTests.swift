import FoundationEssentials
import Testing

@Suite("Dry runs and checksums", .serialized, .needs(.dockerRegistry))
struct DryRunTests {
    private struct Plan: Decodable {
        struct Destination: Decodable {
            var repository: String
            var images: Int
            var present_images: Int
            var blobs: Int
            var blob_bytes: Int64
            var present_blobs: Int
        }
        var repositories: [Destination]
    }

    private func plan(_ lab: Lab, _ arguments: [String]) async throws -> Plan.Destination {
        let outcome = try await lab.run(Lab.program, arguments + ["--dry-run", "--json"])
        #expect(outcome.status == 0 && outcome.log.contains("nothing was uploaded or written"), "\(outcome.log)")
        #expect(!outcome.log.contains("importing") && !outcome.log.contains("exporting"), "\(outcome.log)")
        let plan = try JSONDecoder().decode(Plan.self, from: Data(outcome.output.utf8))
        return try #require(plan.repositories.first)
    }

    @Test("unpkg and relocate say what they would upload, before and after")
    func uploads() async throws {
        try await Lab.open { lab in
            try await lab.registry { host in
                let images = try await lab.push("basic", to: host)
                let documents = images.values.sorted().map { "image: \($0)\n" }.joined(separator: "---\n")
                try lab.write(documents, to: "in.yml")
                _ = try await lab.kbld("pkg", "-f", "in.yml", "-o", "p.tar", "--sha256-file")
                let commands = [
                    ["unpkg", "-f", "in.yml", "-i", "p.tar", "-r", "\(host)/one", "--lock-output", "lock.yml"],
                    ["relocate", "-f", "in.yml", "-r", "\(host)/two", "--lock-output", "lock.yml"],
                ]
                for command in commands {
                    let before = try await plan(lab, command)
                    #expect(before.images == Set(images.values).count && before.present_images == 0)
                    #expect(before.blobs > 0 && before.blob_bytes > 0 && before.present_blobs == 0)
                    #expect(try await lab.tags(before.repository).isEmpty)
                    #expect(try !lab.files().contains("lock.yml"))
                    let done = try await lab.run(Lab.program, command)
                    #expect(done.status == 0, "\(done.log)")
                    let after = try await plan(lab, command)
                    #expect(after.present_images == after.images && after.blobs == 0)
                    #expect(after.present_blobs == before.blobs)
                    try await lab.succeed("rm", ["lock.yml"])
                }
                let flags = "-f in.yml -r \(host)/three --dry-run --json"
                var plans: [String] = []
                for input in ["-i p.tar", "-i - < p.tar", "-i <(cat p.tar)", "-i <(gzip < p.tar)"] {
                    let plan = try await lab.run("bash", ["-c", "'\(Lab.program)' unpkg \(flags) \(input)"])
                    #expect(plan.status == 0, "\(plan.log)")
                    plans.append(plan.output)
                }
                #expect(Set(plans).count == 1 && plans[0].contains("\(host)/three"))
                #expect(try await lab.tags("\(host)/three").isEmpty)
            }
        }
    }

    @Test("sha256sum takes the file beside a package; a stream or a folder has none")
    func checksum() async throws {
        try await Lab.open { lab in
            try await lab.registry { host in
                let image = try #require(try await lab.push("basic", to: host)["oci"])
                for name in ["p.tar", "odd \\ name.tar"] {
                    let packed = try await lab.kbld("pkg", image, "-o", name, "--sha256-file")
                    #expect(packed.status == 0, "\(packed.log)")
                    let checked = try await lab.run("sha256sum", ["-c", name + ".sha256"])
                    #expect(checked.status == 0 && checked.output.hasSuffix(": OK\n"), "\(checked.log)")
                }
                let merged = try await lab.kbld("package", "merge", "p.tar", "p.tar", "-o", "m.tar", "--sha256-file")
                #expect(merged.status == 0, "\(merged.log)")
                try await lab.succeed("sha256sum", ["-c", "m.tar.sha256"])
                for output in ["-", "layout/"] {
                    let refused = try await lab.kbld("pkg", image, "-o", output, "--sha256-file", "--format", "oci")
                    #expect(refused.status == 1 && refused.log.contains("There is no checksum file for"))
                }
            }
        }
    }
}
