import Testing

@Suite("Copying between registries, packages and layouts", .serialized, .needs(.dockerRegistry, .skopeo))
struct CopyTests {
    private func copy(_ lab: Lab, _ arguments: String...) async throws -> Lab.Outcome {
        let outcome = try await lab.run(Lab.program, ["copy"] + arguments)
        #expect(outcome.status == 0, "\(arguments): \(outcome.log)")
        return outcome
    }

    @Test("an index goes all the way round under the same digest, with its tag")
    func round() async throws {
        try await Lab.open { lab in
            try await lab.registry { host in
                let index = try #require(try await lab.push("basic", to: host)["index"])
                let digest = index.suffix(71)
                _ = try await copy(lab, "\(host)/lib/multi@\(digest)", "one.tar")
                _ = try await copy(lab, "one.tar", "layout/")
                _ = try await copy(lab, "layout", "two.tar")
                #expect(try lab.read("one.tar") == lab.read("two.tar"))
                _ = try await copy(lab, "one.tar", "oci.tar", "--format", "oci")
                let there = try await copy(lab, "oci.tar", "\(host)/to/multi:v1")
                #expect(there.output == "\(host)/to/multi@\(digest)\n")
                #expect(try await lab.rawManifest("\(host)/to/multi:v1") == lab.rawManifest(index))
                // From one repository to another, with the tag that the source had; by a package too.
                _ = try await copy(lab, "\(host)/to/multi:v1", "\(host)/again/multi")
                #expect(try await lab.tags("\(host)/again/multi").contains("v1"))
                _ = try await copy(lab, "\(host)/to/multi:v1", "tagged/")
                _ = try await copy(lab, "tagged/", "\(host)/packed/multi")
                #expect(try await lab.tags("\(host)/packed/multi").contains("v1"))
                try lab.write("image: \(index)\n", to: "in.yml")
                let packed = try await lab.kbld("pkg", "-f", "in.yml", "-o", "pkg.tar")
                #expect(try packed.status == 0 && lab.read("pkg.tar") == lab.read("one.tar"), "\(packed.log)")
                let streamed = try await lab.run("bash", ["-c", "'\(Lab.program)' copy \(index) - | cmp - one.tar"])
                #expect(streamed.status == 0, "\(streamed.log)")
            }
        }
    }

    @Test("several images go into one repository, and none of them gets the tag of one")
    func several() async throws {
        try await Lab.open { lab in
            try await lab.registry { host in
                let images = try await lab.push("basic", to: host)
                try lab.write(images.values.sorted().map { "image: \($0)\n" }.joined(separator: "---\n"), to: "in.yml")
                _ = try await lab.kbld("pkg", "-f", "in.yml", "-o", "all.tar")
                let all = try await copy(lab, "all.tar", "\(host)/all")
                #expect(all.output.split(separator: "\n").count == Set(images.values).count)
                let tagged = try await lab.kbld("copy", "all.tar", "\(host)/all:v1")
                #expect(tagged.status == 1 && tagged.log.contains("which can't all get the tag 'v1'"), "\(tagged.log)")
            }
        }
    }

    @Test("what can't be meant is told before anything is copied")
    func mistakes() async throws {
        try await Lab.open { lab in
            let digest = "sha256:" + String(repeating: "0", count: 64)
            let cases: [([String], String)] = [
                (["NGINX", "x.tar"], "a repository name must be lowercase"),
                (["nginx", "r.example/app@\(digest)"], "a destination can't have a digest"),
                (["nginx", "r.example/app", "--format", "oci"], "--format needs a path as the destination"),
                (["./none.tar", "r.example/app", "--referrers"], "need a registry as the source"),
                (["./none.tar", "x.tar"], "'./none.tar'"),
                (["-", "x.tar"], "Reading package 'standard input': it is empty"),
                (["nginx", "none/x.tar"], "'none/x.tar': No such file or directory"),
                (["nginx"], "<destination> is missing; usage: kbld copy"),
            ]
            for (arguments, message) in cases {
                let outcome = try await lab.run(Lab.program, ["copy"] + arguments)
                #expect(outcome.status == 1 && outcome.log.contains(message), "\(arguments): \(outcome.log)")
            }
            #expect(try !lab.files().contains("x.tar"))
        }
    }
}
