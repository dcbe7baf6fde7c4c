import Testing

@Suite("Manifests, configs, layers and files out of packages", .serialized, .needs(.dockerRegistry))
struct PackageContentsTests {
    private func packaged(
        _ body: @Sendable (Lab, _ host: String, _ images: [String: String]) async throws -> Void
    ) async throws {
        try await Lab.open { lab in
            try await lab.registry { host in
                let images = try await lab.push("basic", to: host)
                try lab.write(images.values.map { "image: \($0)\n" }.sorted().joined(separator: "---\n"), to: "in.yml")
                let outcome = try await lab.kbld("pkg", "-f", "in.yml", "-o", "p.tar")
                try #require(outcome.status == 0, "\(outcome.log)")
                try await body(lab, host, images)
            }
        }
    }

    @Test("a manifest, its config and a layer are printed as they are in the registry")
    func print() async throws {
        try await packaged { lab, host, images in
            let reference = try #require(images["index"])
            let index = try await lab.kbld("package", "cat", "p.tar", reference)
            #expect(try await index.output == lab.rawManifest(reference) && index.status == 0, "\(index.log)")
            let one = try await lab.kbld("package", "cat", "p.tar", reference, "--platform", "linux/amd64")
            #expect(one.output.contains("\"layers\"") && one.status == 0, "\(one.log)")
            let config = ["package", "cat", "p.tar", reference, "--config", "--platform", "linux/amd64"]
            let printed = try await lab.run(Lab.program, config)
            #expect(printed.output.contains("\"architecture\": \"amd64\""), "\(printed.log)")
            let list = try await lab.kbld("package", "ls", "p.tar", reference, "--json")
            let other = try await lab.kbld("package", "ls", reference, "-i", "p.tar", "--json")
            #expect(other.output == list.output)
            #expect(list.output.contains("\"type\": \"layer\"") && list.output.contains("linux/arm/v7"))
            let layer = try #require(
                one.output.matches(of: /sha256:[0-9a-f]{64}/).map { String($0.0) }.dropFirst().first
            )
            let written = try await lab.kbld("package", "extract", "p.tar", layer, "-o", "layer")
            #expect(written.status == 0 && written.log.contains("extract | wrote layer"), "\(written.log)")
            let sum = try await lab.run("sha256sum", ["layer"])
            #expect("sha256:" + sum.output.prefix(64) == layer)
        }
    }

    @Test("files are listed, printed and written")
    func files() async throws {
        try await packaged { lab, host, images in
            let reference = try #require(images["oci"])
            let list = try await lab.kbld("package", "ls", "p.tar", reference + ":/", "--json")
            let paths = list.output.matches(of: /"path": "(\/[^"]+)"/).map { String($0.1) }
            let types = list.output.matches(of: /"type": "(\w+)"/).map { String($0.1) }
            #expect(list.status == 0 && types.contains("file"), "\(list.log)")
            let all = try await lab.kbld("package", "extract", "p.tar", reference + ":/", "-o", "root")
            #expect(all.status == 0, "\(all.log)")
            let path = try #require(paths.max { $0.count < $1.count })
            let printed = try await lab.kbld("package", "cat", "p.tar", reference + ":" + path)
            #expect(try printed.status == 0 && Array(printed.output.utf8) == lab.read("root" + path), "\(printed.log)")
            let again = try await lab.kbld("package", "extract", "p.tar", reference + ":/", "-o", "root")
            #expect(again.status == 1 && again.log.contains("Writing 'root': it exists already"), "\(again.log)")
        }
    }

    @Test("what isn't there is told with what is")
    func mistakes() async throws {
        try await packaged { lab, host, images in
            let index = try #require(images["index"])
            let image = try #require(images["oci"])
            let cases: [([String], String)] = [
                (["cat", "p.tar", "nope"], "'p.tar' has no 'nope'; it has:\n- \(host)/lib/"),
                (["cat", "p.tar", "\(host)/lib/multi:latest"], "'p.tar' records no tag for"),
                (["cat", "p.tar", index + ":/etc"], "has images for several platforms; choose one with --platform"),
                (["cat", "p.tar", index, "--config", "--platform", "linux/s390x"], "has no image for this platform"),
                (["cat", "p.tar", image, "--config", "--platform", "linux/s390x"], "has no image for this platform"),
                (["cat", "p.tar", index + ":/no", "--platform", "linux/amd64"], "has no '/no'"),
                (["cat", "p.tar", "NOPE"], "a repository name must be lowercase"),
                (["cat", "none.tar", "x"], "'none.tar'"),
                (["extract", "p.tar", index], "missing required option --output"),
                (["extract", "p.tar", index, "-o", "none/x"], "Writing 'none/x': No such file or directory"),
            ]
            for (arguments, message) in cases {
                let outcome = try await lab.run(Lab.program, ["package"] + arguments)
                #expect(outcome.status == 1 && outcome.log.contains(message), "\(arguments): \(outcome.log)")
                #expect(outcome.output == "")
            }
        }
    }
}
