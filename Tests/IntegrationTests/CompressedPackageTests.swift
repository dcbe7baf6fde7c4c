import FoundationEssentials
import Testing

@Suite("Packages that are compressed", .serialized, .needs(.dockerRegistry, .zstd))
struct CompressedPackageTests {
    /// Runs `body` with a registry that has images, and `in.yml` that names one for one platform and one for several.
    private func withImages(
        _ body: @Sendable (Lab, _ registry: String, _ images: [String: String]) async throws -> Void
    ) async throws {
        try await Lab.open { lab in
            try await lab.registry { registry in
                let images = try await lab.push("basic", to: registry)
                let (oci, index) = (try #require(images["oci"]), try #require(images["index"]))
                try lab.write("image: \(oci)\n---\nimage: \(index)\n", to: "in.yml")
                try lab.write("image: \(oci.replacing("@", with: ":1.0@"))\n", to: "one.yml")
                try await body(lab, registry, images)
            }
        }
    }

    @Test("what gzip and zstd made of a package is read from files, pipes and a server, by their bytes alone")
    func reading() async throws {
        try await withImages { lab, registry, images in
            try await lab.succeed(Lab.program, ["pkg", "-f", "in.yml", "-o", "p.tar"])
            let listing = try await lab.run(Lab.program, ["package", "ls", "p.tar"]).output
            try await lab.succeed("sh", ["-c", "gzip -c p.tar > zipped; zstd -q --long=27 p.tar -o packed"])
            try FileManager.default.createDirectory(
                atPath: lab.folder + "/temporary",
                withIntermediateDirectories: true
            )
            for name in ["zipped", "packed"] {
                let verified = try await lab.kbld("verify", "-f", "in.yml", "-i", name, "--temp-dir", "temporary")
                #expect(verified.status == 0 && verified.log.contains("0 errors"), "\(verified.log)")
                #expect(try await lab.run(Lab.program, ["package", "ls", name]).output == listing)
                #expect(try await lab.run(Lab.program, ["package", "diff", "p.tar", name]).status == 0)
                let merged = try await lab.kbld("package", "merge", name, "p.tar", "-o", "merged.tar")
                #expect(merged.status == 0, "\(merged.log)")
                let install = ["unpkg", "-f", "in.yml", "-i", name, "-r", "\(registry)/file/\(name)"]
                let installed = try await lab.run(Lab.program, install)
                try #require(installed.status == 0, "\(installed.log)")
                let streamed = try await lab.run(
                    "sh",
                    ["-c", "$KBLD unpkg -f in.yml -i - -r \(registry)/pipe/\(name) < \(name)"],
                    environment: ["KBLD": Lab.program]
                )
                try #require(streamed.status == 0, "\(streamed.log)")
                for reference in [try #require(images["oci"]), try #require(images["index"])] {
                    let digest = reference.split(separator: "@")[1]
                    for place in ["file/\(name)", "pipe/\(name)"] {
                        let copy = try await lab.rawManifest("\(registry)/\(place)@\(digest)")
                        #expect(try await lab.rawManifest(reference) == copy)
                    }
                }
            }
            #expect(try lab.files("temporary").isEmpty)
        }
    }

    @Test(
        "archives are written as gzip and zstd read them, with the same bytes each time",
        arguments: ["gzip:9", "zstd"]
    )
    func writing(method: String) async throws {
        try await withImages { lab, _, _ in
            let package = ["pkg", "-f", "in.yml", "--format", "runtime"]
            try await lab.succeed(Lab.program, package + ["-o", "plain.tar"])
            try await lab.succeed(Lab.program, package + ["-o", "one", "--compress", method])
            let other = "'\(Lab.program)' pkg -f in.yml --format runtime --compress \(method) -o - > other"
            try await lab.succeed("sh", ["-c", other])
            #expect(try lab.read("one") == lab.read("other"))
            let program = method.hasPrefix("gzip") ? "gzip" : "zstd"
            try await lab.succeed("sh", ["-c", "\(program) -dc < one | cmp - plain.tar"])
            #expect(try await lab.kbld("verify", "-f", "in.yml", "-i", "one").status == 0)
            let convert = ["package", "convert", "one", "again", "--format", "runtime", "--compress", method]
            try await lab.succeed(Lab.program, convert)
            try await lab.succeed(Lab.program, ["package", "convert", "one", "again.tar", "--format", "runtime"])
            try await lab.succeed("sh", ["-c", "\(program) -dc < again | cmp - again.tar"])
            let copy = ["copy", "p.tar", "./copied.tar.zst", "--format", "oci", "--compress", method]
            try await lab.succeed(Lab.program, ["package", "convert", "one", "p.tar"])
            try await lab.succeed(Lab.program, copy)
            try await lab.succeed(Lab.program, ["copy", "p.tar", "copied.tar", "--format", "oci"])
            try await lab.succeed("sh", ["-c", "\(program) -dc < copied.tar.zst | cmp - copied.tar"])
            #expect(try await lab.kbld("verify", "-f", "in.yml", "-i", "again").status == 0)
        }
    }

    @Test("containerd imports what zstd decompresses", .needs(.containerd, .ctr))
    func containerd() async throws {
        try await withImages { lab, _, images in
            let package = ["pkg", "-f", "in.yml", "-o", "o.tar.zst", "--format", "runtime", "--compress", "zstd"]
            try await lab.succeed(Lab.program, package)
            try await lab.containerd { socket in
                let ctr = "ctr --address \(socket) --namespace k8s.io images"
                try await lab.succeed("sh", ["-c", "zstd -dc o.tar.zst | \(ctr) import --no-unpack -"])
                let names = try await lab.run("sh", ["-c", "\(ctr) ls -q"]).output
                for name in ["oci", "index"] { #expect(names.contains(try #require(images[name]))) }
            }
        }
    }

    // skopeo 1.9 and podman 4.3 read no docker-archive that gzip compressed, whoever wrote it.
    @Test(
        "podman and skopeo read archives that are compressed",
        .needs(.podman, .skopeo),
        arguments: [("gzip", "runtime"), ("zstd", "runtime"), ("zstd", "docker-archive")]
    )
    func podman(method: String, format: String) async throws {
        try await withImages { lab, _, _ in
            let names = format == "runtime" ? ["--name-by", "tag"] : []
            let package = ["pkg", "-f", "one.yml", "--compress", method, "-o", "o.tar", "--format", format]
            try await lab.succeed(Lab.program, package + names)
            let transport = format == "runtime" ? "oci-archive" : format
            let inspected = try await lab.run("skopeo", ["inspect", "--config", "\(transport):\(lab.folder)/o.tar"])
            #expect(inspected.status == 0 && inspected.output.contains("rootfs"), "\(inspected.log)")
            try await lab.podman("load", "-i", "\(lab.folder)/o.tar")
            #expect(try await lab.podman("images", "--format", "{{.Names}}").contains("lib/app-oci:1.0"))
        }
    }

    @Test("what can't be decompressed ends the run, and leaves nothing")
    func faults() async throws {
        try await withImages { lab, registry, _ in
            try await lab.succeed(Lab.program, ["pkg", "-f", "in.yml", "-o", "p.tar"])
            try await lab.succeed("sh", ["-c", "gzip -c p.tar | head -c 700 > short"])
            try await lab.succeed("sh", ["-c", "(cat p.tar; head -c 100000000 /dev/zero) | zstd -q > bomb"])
            let folder = try await lab.run("sh", ["-c", "mkdir temporary; (gzip -c p.tar; echo more) > longer"])
            try #require(folder.status == 0)
            let expected = [
                "short": "its gzip data ends too early: it is truncated",
                "longer": "there are bytes after the end of its gzip data",
                "bomb": "over 200 times",
            ]
            for (name, text) in expected {
                let input = ["unpkg", "-f", "in.yml", "-r", "\(registry)/bad/\(name)", "--temp-dir", "temporary", "-i"]
                let outcome = try await lab.run(Lab.program, input + [name])
                #expect(outcome.status == 1 && outcome.output == "")
                #expect(
                    outcome.log.contains("Reading package '\(name)': ") && outcome.log.contains(text),
                    "\(outcome.log)"
                )
                #expect(try lab.files("temporary").isEmpty)
                #expect(try await lab.tags("\(registry)/bad/\(name)") == [])
            }
            // All layers have come before the checksum at the end is found to be cut.
            let place = "\(registry)/bad/stream"
            let cut = "gzip -c p.tar | head -c -3 | '\(Lab.program)' unpkg -f in.yml -i - -r \(place)"
            let streamed = try await lab.run("sh", ["-c", cut])
            #expect(streamed.status == 1 && streamed.output == "")
            #expect(streamed.log.contains("its gzip data ends too early: it is truncated"), "\(streamed.log)")
            #expect(try await lab.tags(place) == [])
            let nowhere = try await lab.kbld("verify", "-i", "short", "--temp-dir", "nowhere")
            #expect(
                nowhere.log.contains("name another folder with --temp-dir"),
                "\(nowhere.log)"
            )
        }
    }
}
