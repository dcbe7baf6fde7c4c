import Testing

/// Flags and formats that meet: nothing is lost between them.
@Suite("Features beside each other", .serialized, .needs(.curl, .dockerRegistry, .skopeo))
struct CombinationTests {
    private func withImages(
        _ body: @Sendable (_ lab: Lab, _ host: String, _ images: [String: String]) async throws -> Void
    ) async throws {
        try await Lab.open { lab in
            try await lab.registry { host in
                let images = try await lab.push("basic", to: host)
                for name in ["oci", "shared", "index", "docker"] {
                    try lab.write("image: \(try #require(images[name]))\n", to: name + ".yml")
                }
                try await body(lab, host, images)
            }
        }
    }

    private func digest(_ reference: String) -> String { String(reference.suffix(71)) }

    /// Runs the program, which must succeed.
    @discardableResult
    private func run(_ lab: Lab, _ arguments: String...) async throws -> Lab.Outcome {
        let outcome = try await lab.run(Lab.program, arguments)
        try #require(outcome.status == 0, "\(arguments): \(outcome.log)")
        return outcome
    }

    private func status(_ lab: Lab, _ address: String) async throws -> String {
        try await lab.run("curl", ["-sI", "-o", "head", "-w", "%{http_code}", "http://" + address]).output
    }

    @Test("images of other tools' layouts arrive where the documents say that they are from, with their tags")
    func mirroredLayout() async throws {
        try await withImages { lab, host, images in
            let image = try #require(images["index"])
            try lab.write("image: \(host)/lib/multi:latest\n", to: "tag.yml")
            try lab.write(try await run(lab, "-f", "tag.yml").output, to: "resolved.yml")
            let copy = ["copy", "-q", "--all", "--src-tls-verify=false", "docker://" + image]
            for place in ["oci-archive:\(lab.folder)/a.tar", "oci:\(lab.folder)/b:docker.io/other/name:7"] {
                try await lab.succeed("skopeo", copy + [place])
            }
            for (package, root) in [("a.tar", "one"), ("b", "two")] {
                let outcome = try await run(
                    lab,
                    "unpkg",
                    "-f",
                    "resolved.yml",
                    "-i",
                    package,
                    "-r",
                    "\(host)/\(root)",
                    "--repository-layout",
                    "mirror",
                    "--tag-with-origin",
                    "--lock-output",
                    "l.yml"
                )
                let moved = "\(host)/\(root)/lib/multi"
                #expect(outcome.output.contains("image: \(moved)@\(digest(image))\n"), "\(outcome.output)")
                #expect(try await lab.rawManifest("\(moved)@\(digest(image))") == lab.rawManifest(image))
                #expect(try await lab.tags(moved).contains("latest"))
            }
        }
    }

    @Test("locks are checked against packages as documents are")
    func lockedImages() async throws {
        try await withImages { lab, host, images in
            let image = try #require(images["index"])
            try await run(lab, "-f", "index.yml", "--lock-output", "l.yml")
            try await run(lab, "pkg", "-f", "oci.yml", "-o", "p.tar")
            #expect(try await lab.kbld("verify", "p.tar", "-f", "l.yml").status == 1)
            let refused = try await lab.kbld("unpkg", "-f", "l.yml", "-i", "p.tar", "-r", host + "/new")
            #expect(refused.status == 1 && refused.log.contains("does not contain these images"), "\(refused.log)")
            #expect(try await lab.tags(host + "/new") == [])
            let copy = ["copy", "-q", "--all", "--src-tls-verify=false", "docker://" + image]
            try await lab.succeed("skopeo", copy + ["oci-archive:\(lab.folder)/a.tar"])
            try await run(lab, "unpkg", "-f", "l.yml", "-i", "a.tar", "-r", host + "/new", "--lock-output", "n.yml")
            let lock = String(decoding: try lab.read("n.yml"), as: UTF8.self)
            #expect(lock.contains("newImage: \(host)/new@\(digest(image))"), "\(lock)")
        }
    }

    @Test("a filtered index gets the tags of the whole one")
    func filteredTags() async throws {
        try await withImages { lab, host, images in
            try lab.write("image: \(host)/lib/multi:latest\n", to: "tag.yml")
            try lab.write(try await run(lab, "-f", "tag.yml").output, to: "resolved.yml")
            let platform = ["--platform", "linux/amd64"]
            try await lab.succeed(Lab.program, ["pkg", "-f", "resolved.yml", "-o", "p.tar"] + platform)
            try await run(lab, "unpkg", "-f", "resolved.yml", "-i", "p.tar", "-r", host + "/a", "--tag-with-origin")
            let moving = ["relocate", "-f", "resolved.yml", "-r", host + "/b", "--tag-with-origin"]
            try await lab.succeed(Lab.program, moving + platform)
            for name in ["a", "b"] { #expect(try await lab.tags("\(host)/\(name)").contains("latest")) }
        }
    }

    @Test("packages with an index filtered in two ways aren't merged; beside the whole index, that one counts")
    func mergedFilters() async throws {
        try await withImages { lab, host, images in
            try await run(lab, "pkg", "-f", "index.yml", "-o", "amd64.tar", "--platform", "linux/amd64")
            try await run(lab, "pkg", "-f", "index.yml", "-o", "arm64.tar", "--platform", "linux/arm64")
            try await run(lab, "pkg", "-f", "index.yml", "-o", "whole.tar")
            let refused = try await lab.kbld("package", "merge", "amd64.tar", "arm64.tar", "-o", "no.tar")
            #expect(refused.status == 1 && refused.log.contains("filtered to different platforms"), "\(refused.log)")
            #expect(try !lab.files().contains("no.tar"))
            try await run(lab, "package", "merge", "whole.tar", "arm64.tar", "-o", "both.tar")
            let outcome = try await run(lab, "unpkg", "-f", "index.yml", "-i", "both.tar", "-r", host + "/m")
            #expect(outcome.output == "---\nimage: \(host)/m@\(digest(try #require(images["index"])))\n")
        }
    }

    @Test("a delta is served with its base, in either order; alone it says what it lacks")
    func servedDeltas() async throws {
        try await withImages { lab, _, images in
            try await run(lab, "pkg", "-f", "oci.yml", "-o", "base.tar")
            try await run(lab, "pkg", "-f", "shared.yml", "-o", "delta.tar", "--base", "base.tar")
            let name = "lib/app-shared@" + digest(try #require(images["shared"]))
            for inputs in [["delta.tar", "base.tar"], ["base.tar", "delta.tar"], ["delta.tar"]] {
                let flags = inputs.flatMap { ["-i", "\(lab.folder)/\($0)"] }
                let whole = inputs.count == 2
                let serving = ["serve", "--listen", "127.0.0.1:0"] + flags + (whole ? ["--verify"] : [])
                try await lab.serve(Lab.program, serving) { port in
                    try? lab.removeFolder("copied")
                    let copying = ["copy", "-q", "--src-tls-verify=false", "docker://127.0.0.1:\(port)/\(name)"]
                    let copied = try await lab.run("skopeo", copying + ["dir:\(lab.folder)/copied"])
                    #expect((copied.status == 0) == whole, "\(inputs): \(copied.log)")
                    if !whole { #expect(copied.log.contains("404") || copied.log.contains("unknown"), "\(copied.log)") }
                }
            }
        }
    }

    @Test("a layout gets further images, and never loses those that it has")
    func growingLayout() async throws {
        try await withImages { lab, _, images in
            let both = ["oci", "docker"].compactMap { images[$0] }.map { "- image: \($0)\n" }.joined()
            try lab.write("all:\n" + both, to: "both.yml")
            let layout = ["-o", "layout/", "--format", "oci"]
            for file in ["oci.yml", "both.yml"] { try await lab.succeed(Lab.program, ["pkg", "-f", file] + layout) }
            let before = try lab.read("layout/index.json")
            let refused = try await lab.run(Lab.program, ["pkg", "-f", "docker.yml"] + layout)
            #expect(refused.status == 1 && refused.log.contains("which would be lost"), "\(refused.log)")
            #expect(try lab.read("layout/index.json") == before)
            try await run(lab, "verify", "layout", "-f", "both.yml")
        }
    }

    @Test("a base may be a layout; a delta that leaves out nothing is one all the same")
    func basesOfOtherKinds() async throws {
        try await withImages { lab, _, _ in
            try await run(lab, "pkg", "-f", "oci.yml", "-o", "layout/", "--format", "oci")
            try await run(lab, "pkg", "-f", "oci.yml", "-o", "a.oci.tar", "--format", "oci")
            for base in ["layout", "a.oci.tar"] {
                let outcome = try await run(lab, "pkg", "-f", "shared.yml", "-o", "d.tar", "--base", base)
                #expect(outcome.log.contains("omitting 1 of "), "\(outcome.log)")
            }
            let refused = try await lab.kbld("package", "merge", "a.oci.tar", "d.tar", "-o", "no.tar")
            #expect(refused.status == 1 && refused.log.contains("format is oci-archive"), "\(refused.log)")
            try await run(lab, "pkg", "-f", "oci.yml", "-o", "base.tar")
            let nothing = try await run(lab, "pkg", "-f", "docker.yml", "-o", "d.tar", "--base", "base.tar")
            #expect(nothing.log.contains("omitting 0 of "), "\(nothing.log)")
            try await run(lab, "pkg", "-f", "docker.yml", "-o", "full.tar")
            try await run(lab, "package", "merge", "base.tar", "d.tar", "-o", "merged.tar")
            #expect(try lab.read("merged.tar") == lab.read("full.tar"))
        }
    }

    @Test("what a delta leaves out may be in another of the repositories of a mirror")
    func mirroredDelta() async throws {
        try await withImages { lab, host, images in
            let mirror = ["--repository-layout", "mirror"]
            try await run(lab, "pkg", "-f", "oci.yml", "-o", "base.tar")
            try await lab.succeed(
                Lab.program,
                ["unpkg", "-f", "oci.yml", "-i", "base.tar", "-r", host + "/far"] + mirror
            )
            let both = ["oci", "shared"].compactMap { images[$0] }.map { "- image: \($0)\n" }.joined()
            try lab.write("all:\n" + both, to: "both.yml")
            try await run(lab, "pkg", "-f", "both.yml", "-o", "delta.tar", "--base", "base.tar")
            try await lab.succeed(
                Lab.program,
                ["unpkg", "-f", "both.yml", "-i", "delta.tar", "-r", host + "/far"] + mirror
            )
            let shared = try #require(images["shared"])
            let moved = "\(host)/far/lib/app-shared@\(digest(shared))"
            #expect(try await lab.rawManifest(moved) == lab.rawManifest(shared))
        }
    }

    @Test("a repository that lost cosign's tag isn't whole")
    func lostTag() async throws {
        try await withImages { lab, host, images in
            let image = try #require(images["index"])
            try await lab.succeed("python3", [lab.script("push_artifacts.py"), image])
            try await run(lab, "pkg", "-f", "index.yml", "-o", "p.tar", "--cosign")
            try await run(lab, "unpkg", "-f", "index.yml", "-i", "p.tar", "-r", host + "/far")
            try await run(lab, "verify", "p.tar", "--against", host + "/far")
            let tag = "sha256-\(image.suffix(64)).sig"
            let link = "\(lab.folder)/registry-*/docker/registry/v2/repositories/far/_manifests/tags/\(tag)"
            try await lab.succeed("bash", ["-c", "rm -r \(link)"])
            let lost = try await lab.kbld("verify", "p.tar", "--against", host + "/far")
            #expect(lost.status == 1 && (lost.output + lost.log).contains(tag), "\(lost.output) \(lost.log)")
        }
    }
}
