import Testing

@Suite("Some platforms of an index under its own digest", .needs(.dockerRegistry, .skopeo))
struct SparseIndexTests {
    @Test("a registry that takes sparse indexes gets one, Docker's is named, and skopeo reads the layout")
    func journey() async throws {
        try await Lab.open { lab in
            try await lab.registry { registry in
                let pinned = try #require(try await lab.push("basic", to: registry)["index"])
                try lab.write("image: \(pinned)\n", to: "in.yml")
                let digest = try #require(pinned.split(separator: "@").last)
                let sparse = ["--platform", "linux/amd64", "--sparse"]
                for (output, format) in [("p.tar", "kbld"), ("oci.tar", "oci")] {
                    let arguments = ["pkg", "-f", "in.yml", "-o", output, "--format", format]
                    let made = try await lab.run(Lab.program, arguments + sparse)
                    #expect(made.status == 0, "\(made.log)")
                    #expect(made.log.contains("images of \(pinned), under its own digest"), "\(made.log)")
                    let verified = try await lab.kbld("verify", output, "-f", "in.yml")
                    #expect(verified.status == 0, "\(verified.log)")
                }
                let refused = try await lab.kbld("unpkg", "-f", "in.yml", "-i", "p.tar", "-r", registry + "/to/app")
                #expect(refused.status == 1 && refused.output.isEmpty)
                #expect(refused.log.contains("\(registry) doesn't take an index without all its images. Docker's"))
                #expect(refused.log.contains("--platform linux/amd64 without --sparse"), "\(refused.log)")

                let serving = ["serve-registry", "--listen", "127.0.0.1:0", "--accept-sparse", "linux/amd64"]
                try await lab.serve(Lab.program, serving) { port in
                    for input in ["p.tar", "oci.tar"] {
                        let repository = "127.0.0.1:\(port)/\(input.dropLast(4))"
                        let moved = try await lab.kbld("unpkg", "-f", "in.yml", "-i", input, "-r", repository)
                        #expect(moved.status == 0, "\(moved.log)")
                        #expect(moved.output.contains("image: \(repository)@\(digest)\n"), "\(moved.output)")
                        let there = try await lab.kbld("verify", input, "-f", "in.yml", "--against", repository)
                        #expect(there.status == 0, "\(there.log)")
                    }
                    let relocated = try await lab.run(
                        Lab.program,
                        ["relocate", "-f", "in.yml", "-r", "127.0.0.1:\(port)/near"] + sparse
                    )
                    #expect(relocated.output.contains("127.0.0.1:\(port)/near@\(digest)\n"), "\(relocated.log)")
                }
                let copied = try await lab.run(
                    "skopeo",
                    ["copy", "--override-os", "linux", "--override-arch", "amd64", "oci-archive:oci.tar", "dir:copied"]
                )
                #expect(copied.status == 0, "\(copied.log)")
            }
        }
    }

    @Test("--sparse without platforms, and platforms that no index has, are refused")
    func mistakes() async throws {
        try await Lab.open { lab in
            try await lab.registry { registry in
                let pinned = try #require(try await lab.push("basic", to: registry)["index"])
                try lab.write("image: \(pinned)\n", to: "in.yml")
                let without = try await lab.kbld("pkg", "-f", "in.yml", "-o", "p.tar", "--sparse")
                #expect(without.status == 1 && without.log.contains("--sparse needs --platform"), "\(without.log)")
                let none = try await lab.run(
                    Lab.program,
                    ["pkg", "-f", "in.yml", "-o", "p.tar", "--sparse", "--platform", "plan9/mips"]
                )
                #expect(none.status == 1 && none.log.contains("would leave nothing"), "\(none.log)")
                let allowed = try await lab.run(
                    Lab.program,
                    ["pkg", "-f", "in.yml", "-o", "whole.tar", "--platform", "plan9/mips", "--allow-missing-platform"]
                )
                #expect(allowed.log.contains("keeping all of \(pinned), which has nothing for plan9/mips"))
                #expect(try !lab.files(".").contains("p.tar"))
            }
        }
    }
}
