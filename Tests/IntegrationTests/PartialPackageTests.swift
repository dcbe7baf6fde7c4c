import Testing

@Suite("A part of a package as a package", .needs(.dockerRegistry))
struct PartialPackageTests {
    @Test("from a file and from a pipe, into a file and into a pipe, it has the bytes that packing it would have made")
    func sameBytes() async throws {
        try await Lab.open { lab in
            try await lab.registry { registry in
                let images = try await lab.push("basic", to: registry)
                try lab.write(images.values.map { "image: \($0)\n" }.joined(separator: "---\n"), to: "all.yml")
                let part = try ["docker", "list"].map { try #require(images[$0]) }
                try lab.write(part.map { "image: \($0)\n" }.joined(separator: "---\n"), to: "part.yml")
                try await lab.succeed(Lab.program, ["pkg", "-f", "all.yml", "-o", "all.tar"])
                try await lab.succeed(Lab.program, ["pkg", "-f", "part.yml", "-o", "fresh.tar"])
                let program = Lab.program
                for command in [
                    "\(program) package extract all.tar -f part.yml -o part.tar",
                    "\(program) package extract all.tar --image app-docker --image multi-docker -o part.tar",
                    "cat all.tar | \(program) package extract - -f part.yml -o part.tar",
                    "set -o pipefail; cat all.tar | \(program) package extract - -f part.yml -o - > part.tar",
                ] {
                    let outcome = try await lab.run(
                        "bash",
                        ["-c", "rm -f part.tar; \(command) && cmp fresh.tar part.tar"]
                    )
                    #expect(outcome.status == 0, "\(command): \(outcome.output) \(outcome.log)")
                }
                // The rest of the pipe counts, too.
                let cut = "head -c -2000 all.tar | \(program) package extract - -f part.yml -o cut.tar"
                let outcome = try await lab.run("bash", ["-c", cut])
                #expect(try outcome.status == 1 && !lab.files().contains("cut.tar"), "\(outcome.log)")

                let inside = try await lab.kbld("package", "extract", "all.tar", part[0], "-o", "manifest.json")
                #expect(try inside.status == 0 && lab.files().contains("manifest.json"), "\(inside.log)")
                let lacking = try await lab.kbld("package", "extract", "fresh.tar", "-f", "all.yml", "-o", "none.tar")
                #expect(try lacking.status == 1 && !lab.files().contains("none.tar"))
                for reference in images.values where !part.contains(reference) {
                    #expect(lacking.log.contains("- \(reference)"), "\(lacking.log)")
                }
            }
        }
    }

    @Test("of a package is installed what documents name, or what names match")
    func installed() async throws {
        try await Lab.open { lab in
            try await lab.registry { registry in
                let images = try await lab.push("basic", to: registry)
                try lab.write(images.values.map { "image: \($0)\n" }.joined(separator: "---\n"), to: "all.yml")
                try lab.write("image: \(try #require(images["docker"]))\n", to: "one.yml")
                try await lab.succeed(Lab.program, ["pkg", "-f", "all.yml", "-o", "all.tar"])
                let chosen = [
                    ["-f", "one.yml", "--only-documents", "-r", registry + "/a"],
                    ["--image", "lib/app-docker", "-r", registry + "/b"],
                ]
                for arguments in chosen {
                    try await lab.succeed(Lab.program, ["unpkg", "-i", "all.tar"] + arguments)
                }
                #expect(try await lab.tags(registry + "/a").count == 1)
                #expect(try await lab.tags(registry + "/a") == lab.tags(registry + "/b"))
                let none = try await lab.kbld("unpkg", "-i", "all.tar", "--image", "nginx", "-r", registry + "/c")
                #expect(none.status == 1 && none.log.contains("'all.tar' has no image that matches 'nginx'"))
            }
        }
    }
}
