import Testing

@Suite("Packages without what the other side has", .serialized, .needs(.dockerRegistry, .skopeo))
struct DeltaTests {
    /// Runs `body` with a registry that has images, `old.yml` and `new.yml` that name them, and `old.tar`. The new
    /// documents have three images, two of which share a layer with the old one.
    private func withImages(
        _ body: @Sendable (Lab, _ source: String, _ target: String) async throws -> Void
    ) async throws {
        try await Lab.open { lab in
            try await lab.registry { source in
                try await lab.registry { target in
                    let images = try await lab.push("basic", to: source)
                    func document(_ names: [String]) throws -> String {
                        try names.map { "image: \(try #require(images[$0]))\n" }.joined(separator: "---\n")
                    }
                    try lab.write(try document(["oci"]), to: "old.yml")
                    try lab.write(try document(["shared", "index", "docker"]), to: "new.yml")
                    #expect(try await lab.kbld("pkg", "-f", "old.yml", "-o", "old.tar").status == 0)
                    #expect(try await lab.kbld("pkg", "-f", "new.yml", "-o", "new.tar").status == 0)
                    try await body(lab, source, target)
                }
            }
        }
    }

    private func entries(_ lab: Lab, _ tarball: String) async throws -> Set<String> {
        let outcome = try await lab.run("tar", ["tf", tarball])
        try #require(outcome.status == 0, "\(outcome.log)")
        return Set(outcome.output.split(separator: "\n").map(String.init))
    }

    @Test(
        "a delta lacks the base's layers, says which, and merges with the base into the whole package",
        arguments: ["-", "file"]
    )
    func merge(output: String) async throws {
        try await withImages { lab, _, _ in
            let delta = try await lab.kbld("pkg", "-f", "new.yml", "--base", "old.tar", "-o", "delta.tar")
            try #require(delta.status == 0, "\(delta.log)")
            #expect(delta.log.contains("omitting 1 of"))
            let (old, new) = (try await entries(lab, "old.tar"), try await entries(lab, "new.tar"))
            let shared = old.intersection(new).subtracting(["manifest.json"])
            #expect(shared.count == 1)
            #expect(try await entries(lab, "delta.tar") == new.subtracting(shared).union(["kbld-notes.json"]))
            let script = "\(Lab.program) package merge old.tar delta.tar -o "
            let merged = try await lab.run("bash", ["-c", script + (output == "-" ? "- > whole.tar" : "whole.tar")])
            try #require(merged.status == 0, "\(merged.log)")
            #expect(try lab.read("whole.tar") == lab.read("new.tar"))
        }
    }

    @Test("the base may be a tarball, documents, or a repository", arguments: ["old.tar", "old.yml", "repository"])
    func bases(kind: String) async throws {
        try await withImages { lab, source, _ in
            let base = kind == "repository" ? source + "/lib/app-oci" : kind
            let delta = try await lab.kbld("pkg", "-f", "new.yml", "--base", base, "-o", "delta.tar")
            try #require(delta.status == 0, "\(delta.log)")
            let missing = try await entries(lab, "new.tar").subtracting(try await entries(lab, "delta.tar"))
            #expect(missing.count == 1)
        }
    }

    @Test(
        "a delta arrives where the base is, or mounts from where it is, from a file and a stream",
        arguments: [("same", "file"), ("same", "stream"), ("other", "file"), ("other", "stream")]
    )
    func arrival(place: String, input: String) async throws {
        try await withImages { lab, source, target in
            let old = ["unpkg", "-f", "old.yml", "-i", "old.tar", "-r"]
            #expect(try await lab.run(Lab.program, old + [target + "/same/app"]).status == 0)
            #expect(try await lab.kbld("pkg", "-f", "new.yml", "--base", "old.tar", "-o", "delta.tar").status == 0)
            let base = place == "same" ? "" : " --base-repository \(target)/same/app"
            let from = input == "file" ? " -i delta.tar" : " -i - < delta.tar"
            let command = "\(Lab.program) unpkg -f new.yml -r \(target)/\(place)/app" + base + from
            let outcome = try await lab.run("bash", ["-c", command])
            try #require(outcome.status == 0, "\(outcome.log)")
            for line in outcome.output.split(separator: "\n") where line.hasPrefix("image: ") {
                let copy = ["copy", "-q", "--all", "--src-tls-verify=false", "docker://" + line.dropFirst(7)]
                try await lab.succeed("skopeo", copy + ["dir:\(lab.folder)/copy"])
            }
        }
    }

    @Test(
        "a delta without its base is refused before anything is pushed, with each layer named",
        arguments: ["file", "stream"]
    )
    func missingBase(input: String) async throws {
        try await withImages { lab, source, target in
            #expect(try await lab.kbld("pkg", "-f", "new.yml", "--base", "old.tar", "-o", "delta.tar").status == 0)
            let from = input == "file" ? " -i delta.tar" : " -i - < delta.tar"
            let flags = " --base-repository \(target)/none/here"
            let command = "\(Lab.program) unpkg -f new.yml -r \(target)/new/app" + from
            for command in [command, command + flags] {
                let outcome = try await lab.run("bash", ["-c", command])
                #expect(outcome.status == 1)
                #expect(outcome.output == "")
                let (old, new) = (try await entries(lab, "old.tar"), try await entries(lab, "new.tar"))
                let shared = try #require(old.intersection(new).subtracting(["manifest.json"]).first)
                let digest = "sha256:" + shared.dropFirst(7).prefix(64)
                #expect(outcome.log.contains("- \(digest) ("), "\(outcome.log)")
                #expect(outcome.log.contains("--base-repository") && outcome.log.contains("package merge"))
            }
            #expect(try await lab.tags(target + "/new/app") == [])
        }
    }

    @Test("packages are joined into one that holds all of their images")
    func join() async throws {
        try await withImages { lab, source, _ in
            try await lab.succeed("bash", ["-c", "cat old.yml <(echo ---) new.yml > all.yml"])
            #expect(try await lab.kbld("pkg", "-f", "all.yml", "-o", "all.tar").status == 0)
            let joined = try await lab.kbld("package", "merge", "new.tar", "old.tar", "new.tar", "-o", "joined.tar")
            try #require(joined.status == 0, "\(joined.log)")
            #expect(try lab.read("joined.tar") == lab.read("all.tar"))
            #expect(try await lab.kbld("pkg", "-f", "new.yml", "--base", "old.tar", "-o", "delta.tar").status == 0)
            let kept = try await lab.kbld("package", "merge", "--join", "delta.tar", "old.tar", "-o", "kept.tar")
            try #require(kept.status == 0, "\(kept.log)")
            #expect(try lab.read("kept.tar") == lab.read("all.tar"))
        }
    }

    @Test("a merge without a layer that is needed is refused, and leaves what was there")
    func mergeWithoutBase() async throws {
        try await withImages { lab, _, _ in
            #expect(try await lab.kbld("pkg", "-f", "new.yml", "--base", "old.tar", "-o", "delta.tar").status == 0)
            try lab.write("older", to: "whole.tar")
            let outcome = try await lab.kbld("package", "merge", "delta.tar", "-o", "whole.tar")
            #expect(outcome.status == 1)
            #expect(outcome.log.contains("none of the packages has these layers:\n- sha256:"), "\(outcome.log)")
            #expect(String(decoding: try lab.read("whole.tar"), as: UTF8.self) == "older")
        }
    }

    @Test("a base that is neither a file nor a repository is refused", arguments: ["none.tar", "./none", "UPPER/case"])
    func badBase(base: String) async throws {
        try await Lab.open { lab in
            try lab.write("a: 1\n", to: "in.yml")
            let outcome = try await lab.kbld("pkg", "-f", "in.yml", "--base", base, "-o", "x.tar")
            #expect(outcome.status == 1)
            #expect(outcome.log.contains("--base '\(base)': there is no such file"), "\(outcome.log)")
        }
    }
}
