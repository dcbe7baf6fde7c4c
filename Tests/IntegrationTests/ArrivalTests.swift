import Testing

@Suite("Where images arrive, and under which names", .serialized, .needs(.dockerRegistry, .skopeo))
struct ArrivalTests {
    /// Runs `body` with a registry that has images and another one; `resolved.yml` names the images with their origins.
    private func withImages(
        _ body: @Sendable (Lab, _ source: String, _ target: String, _ images: [String: String]) async throws -> Void
    ) async throws {
        try await Lab.open { lab in
            try await lab.registry { source in
                try await lab.registry { target in
                    let images = try await lab.push("basic", to: source)
                    let names = ["lib/app-oci:1.0", "lib/app-docker:1.0", "lib/app-shared:v2", "lib/multi"]
                    try lab.write(
                        names.map { "kind: Pod\nimage: \(source)/\($0)\n" }.joined(separator: "---\n"),
                        to: "in.yml"
                    )
                    let resolved = try await lab.kbld("-f", "in.yml")
                    try #require(resolved.status == 0, "\(resolved.log)")
                    try lab.write(resolved.output, to: "resolved.yml")
                    let packaged = try await lab.kbld("pkg", "-f", "resolved.yml", "-o", "p.tar")
                    try #require(packaged.status == 0, "\(packaged.log)")
                    try await body(lab, source, target, images)
                }
            }
        }
    }

    private func digest(_ reference: String?) throws -> String {
        String(try #require(reference?.split(separator: "@").last))
    }

    @Test(
        "several repositories take the same package, and the documents name the first",
        arguments: ["file", "stream"]
    )
    func severalRepositories(input: String) async throws {
        try await withImages { lab, source, target, images in
            let repositories = ["\(target)/one/app", "\(target)/two/app", "\(source)/three/app"]
            let flags = repositories.map { "-r \($0)" }.joined(separator: " ")
            let outcome = try await lab.run(
                "bash",
                ["-c", "\(Lab.program) unpkg -f resolved.yml \(flags) -i " + (input == "file" ? "p.tar" : "- < p.tar")]
            )
            try #require(outcome.status == 0, "\(outcome.log)")
            for name in ["oci", "docker", "shared", "index"] {
                let digest = try digest(images[name])
                #expect(outcome.output.contains("image: \(repositories[0])@\(digest)\n"))
                for repository in repositories {
                    let copy = ["copy", "-q", "--all", "--src-tls-verify=false", "docker://\(repository)@\(digest)"]
                    try await lab.succeed("skopeo", copy + ["dir:\(lab.folder)/copy"])
                }
            }
            #expect(!outcome.output.contains("two/app") && !outcome.output.contains("three/app"))
        }
    }

    @Test(
        "each image arrives below the repository under its own path, or host and path",
        arguments: [("mirror", false), ("mirror-with-host", false), ("mirror", true)]
    )
    func layouts(layout: String, relocates: Bool) async throws {
        try await withImages { lab, source, target, images in
            let command =
                relocates ? ["relocate", "-f", "resolved.yml"] : ["unpkg", "-f", "resolved.yml", "-i", "p.tar"]
            let outcome = try await lab.run(
                Lab.program,
                command + ["-r", target + "/site", "--repository-layout", layout, "--lock-output", "lock.yml"]
            )
            try #require(outcome.status == 0, "\(outcome.log)")
            let host = layout == "mirror" ? "" : "/" + source.replacing(":", with: "-")
            let lock = String(decoding: try lab.read("lock.yml"), as: UTF8.self)
            for (name, path) in [("oci", "lib/app-oci"), ("docker", "lib/app-docker"), ("index", "lib/multi")] {
                let arrived = "\(target)/site\(host)/\(path)@\(try digest(images[name]))"
                #expect(outcome.output.contains("image: \(arrived)\n"))
                #expect(lock.contains("newImage: \(arrived)\n"))
                #expect(try await lab.rawManifest(arrived) == lab.rawManifest(try #require(images[name])))
            }
        }
    }

    @Test("an unknown layout is refused with those that are known")
    func unknownLayout() async throws {
        try await Lab.open { lab in
            let outcome = try await lab.kbld(
                "unpkg",
                "-i",
                "p.tar",
                "-r",
                "localhost:1/x",
                "--repository-layout",
                "tree"
            )
            #expect(outcome.status == 1)
            #expect(outcome.log.contains("must be flat, mirror or mirror-with-host, not 'tree'"), "\(outcome.log)")
        }
    }

    @Test("tags of origin: imgpkg's, and those that the documents tell of", arguments: ["unpkg", "relocate"])
    func tags(command: String) async throws {
        try await withImages { lab, source, target, images in
            let input = command == "unpkg" ? ["-i", "p.tar"] : []
            let common = [command, "-f", "resolved.yml", "--tag-with-origin"] + input
            let flat = try await lab.run(Lab.program, common + ["-r", target + "/flat"])
            try #require(flat.status == 0, "\(flat.log)")
            // Two images had the tag 1.0, so that it is nobody's in the one repository.
            #expect(flat.log.contains("not tagging '1.0' in \(target)/flat: 2 images had this tag"))
            let hex = try ["oci", "docker", "shared", "index"].map { try digest(images[$0]).dropFirst(7) }
            let expected = hex.flatMap { ["kbld-sha256-\($0)", "sha256-\($0).imgpkg"] } + ["v2", "latest"]
            #expect(try await lab.tags(target + "/flat") == expected.sorted())
            let mirror = try await lab.run(
                Lab.program,
                common + ["-r", target + "/m", "--repository-layout", "mirror"]
            )
            try #require(mirror.status == 0, "\(mirror.log)")
            for (name, tag) in [("oci", "app-oci:1.0"), ("docker", "app-docker:1.0"), ("index", "multi:latest")] {
                let original = try await lab.rawManifest(try #require(images[name]))
                #expect(try await lab.rawManifest("\(target)/m/lib/\(tag)") == original)
            }
            let plain = try await lab.run(
                Lab.program,
                [command, "-f", "resolved.yml"] + input + ["-r", target + "/plain"]
            )
            #expect(plain.status == 0)
            #expect(try await lab.tags(target + "/plain") == hex.map { "kbld-sha256-\($0)" }.sorted())
        }
    }
}
