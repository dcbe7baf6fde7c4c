import FoundationEssentials
import Testing

@Suite("Packages that runtimes load", .serialized, .needs(.dockerRegistry))
struct RuntimeTests {
    /// Runs `body` with the package `p.tar` of an image and an index, and the documents that tell their tags.
    private func withPackage(
        _ body: @Sendable (Lab, _ host: String, _ images: [String: String]) async throws -> Void
    ) async throws {
        try await Lab.open { lab in
            let (host, images) = try await lab.registry { source in
                let images = try await lab.push("basic", to: source)
                try lab.write("image: \(source)/lib/app-oci:1.0\n---\nimage: \(source)/lib/multi\n", to: "in.yml")
                let resolved = try await lab.kbld("-f", "in.yml")
                try #require(resolved.status == 0, "\(resolved.log)")
                try lab.write(resolved.output, to: "resolved.yml")
                try await lab.succeed(Lab.program, ["pkg", "-f", "resolved.yml", "-o", "p.tar"])
                let runtime = ["pkg", "-f", "resolved.yml", "-o", "runtime.tar", "--format", "runtime"]
                try await lab.succeed(Lab.program, runtime)
                return (source, images)
            }
            try await body(lab, host, images)
        }
    }

    private static let load = ["package", "load", "p.tar", "-f", "resolved.yml", "--into"]

    @Test("containerd has each image under its digest and its tag", .needs(.containerd, .ctr))
    func containerd() async throws {
        try await withPackage { lab, host, images in
            try await lab.containerd { socket in
                try await lab.succeed(Lab.program, Self.load + ["containerd", "--address", socket])
                let list = ["--address", socket, "--namespace", "k8s.io", "images", "ls", "-q"]
                let names = Set(try await lab.run("ctr", list).output.split(separator: "\n").map(String.init))
                #expect(names.isSuperset(of: ["\(host)/lib/app-oci:1.0", "\(host)/lib/multi:latest"]))
                #expect(names.isSuperset(of: [try #require(images["oci"]), try #require(images["index"])]))
                // One that was converted is the same as one that was packaged so.
                let convert = ["package", "convert", "p.tar", "converted.tar", "--format", "runtime"]
                try await lab.succeed(Lab.program, convert + ["-f", "resolved.yml"])
                #expect(try lab.read("converted.tar") == lab.read("runtime.tar"))
            }
        }
    }

    @Test("podman has each image under its digest and its tag", .needs(.podman))
    func podman() async throws {
        try await withPackage { lab, host, images in
            // podman with the lab's own storage.
            let storage = "--root \(lab.folder)/podman --runroot /tmp/run-\(lab.folder.suffix(8)) --storage-driver vfs"
            let path = try await lab.run("sh", ["-c", "command -v podman"]).output.split(separator: "\n").first ?? ""
            try lab.standIn("podman", "exec \(path) \(storage) \"$@\"")
            try await lab.succeed(Lab.program, Self.load + ["podman"])
            for (tag, name) in [("lib/app-oci:1.0", "oci"), ("lib/multi:latest", "index")] {
                let inspect = ["image", "inspect", "--format", "{{.RepoDigests}}", "\(host)/\(tag)"]
                #expect(try await lab.run("podman", inspect).output.contains(try #require(images[name])))
            }
            try? FileManager.default.removeItem(atPath: "/tmp/run-\(lab.folder.suffix(8))")
        }
    }

    @Test("what a runtime lacks afterwards is listed; a program that isn't there, or fails, is named")
    func failures() async throws {
        try await withPackage { lab, host, _ in
            try lab.standIn("docker", "case $1 in load) cat > $HOME/docker.tar;; *) echo sha256:77;; esac")
            let lacking = try await lab.run(Lab.program, Self.load + ["docker"])
            #expect(lacking.status == 1)
            #expect(
                lacking.log.hasSuffix(
                    "kbld: Error: docker doesn't have these images under their digests now:\n"
                        + "- \(host)/lib/app-oci:1.0\n- \(host)/lib/multi:latest\n"
                ),
                "\(lacking.log)"
            )
            // What Docker got has a manifest.json of the image for one platform.
            let manifest = try await lab.run("tar", ["xOf", "home/docker.tar", "manifest.json"]).output
            #expect(manifest.contains(#""RepoTags":["\#(host)/lib/app-oci:1.0"]"#) && !manifest.contains("multi"))
            try lab.standIn("kind", "echo 'ERROR: no nodes found' >&2; exit 1")
            let failing = try await lab.run(Lab.program, Self.load + ["kind:dev"])
            #expect(failing.status == 1 && failing.log.hasSuffix("kbld: Error: kind: ERROR: no nodes found\n"))
            #expect(try lab.calls().last?.hasSuffix("--name dev") == true)
            let absent = try await lab.run(Lab.program, Self.load + ["podman"], environment: ["PATH": "/nowhere"])
            #expect(absent.log.hasSuffix("There is no program 'podman' in PATH, which loads the images\n"))
        }
    }

    @Test("a folder gets a tarball; a docker-archive has one platform")
    func files() async throws {
        try await withPackage { lab, host, images in
            try FileManager.default.createDirectory(atPath: lab.folder + "/images", withIntermediateDirectories: false)
            try await lab.succeed(Lab.program, Self.load + ["./images"])
            #expect(try lab.files("images") == ["p.tar"])
            #expect(try lab.read("images/p.tar") == lab.read("runtime.tar"))
            let several = try await lab.kbld("package", "convert", "p.tar", "d.tar", "--format", "docker-archive")
            #expect(several.status == 1 && several.log.contains("has images for several platforms"), "\(several.log)")
            let tags = ["package", "convert", "p.tar", "tags.tar", "--format", "oci", "--name-by", "tag"]
            try await lab.succeed(Lab.program, tags + ["-f", "resolved.yml"])
            let index = try await lab.run("tar", ["xOf", "tags.tar", "index.json"]).output
            #expect(index.contains(#""io.containerd.image.name":"\#(host)/lib/app-oci:1.0""#))
            #expect(!index.contains("\(try #require(images["oci"]))"))
        }
    }
}
