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

    @Test("a folder's tarball of the same name is replaced only where no image is lost with it")
    func replacing() async throws {
        try await withPackage { lab, host, images in
            let oci = try #require(images["oci"])
            try lab.write("image: \(oci.replacing("@", with: ":1.0@"))\n", to: "one.yml")
            try await lab.succeed("mkdir", ["a", "b", "folder"])
            try await lab.succeed("cp", ["p.tar", "a"])
            try await lab.succeed(Lab.program, ["package", "extract", "p.tar", "-f", "one.yml", "-o", "b/p.tar"])
            let load = { (folder: String, documents: String) in
                ["package", "load", "\(folder)/p.tar", "-f", documents, "--into", "folder/"]
            }
            // The same images, and more of them, replace what is there.
            for (folder, documents) in [("b", "one.yml"), ("b", "one.yml"), ("a", "resolved.yml")] {
                try await lab.succeed(Lab.program, load(folder, documents))
            }
            let whole = try lab.read("folder/p.tar")
            let refused = try await lab.run(Lab.program, load("b", "one.yml"))
            #expect(refused.status == 1)
            let expected = """
                kbld: Error: 'folder/p.tar' is there with other images, and isn't replaced; rename the package, or remove \
                the file, or add --replace:
                - \(try #require(images["index"]))
                - \(host)/lib/multi:latest

                """
            #expect(refused.log.hasSuffix(expected), "\(refused.log)")
            #expect(try lab.read("folder/p.tar") == whole)
            try await lab.succeed(Lab.program, load("b", "one.yml") + ["--replace"])
            #expect(try lab.read("folder/p.tar") != whole)
            try lab.write("mine", to: "folder/p.tar")
            let other = try await lab.run(Lab.program, load("b", "one.yml"))
            #expect(
                other.status == 1
                    && other.log.hasSuffix(
                        "kbld: Error: 'folder/p.tar' is there and can't be read as a package: it isn't replaced; "
                            + "remove it, or add --replace\n"
                    ),
                "\(other.log)"
            )
            #expect(try lab.read("folder/p.tar") == Array("mine".utf8))
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

    /// What `ctr images ls` shows of the images, or of some of them.
    private func listing(_ host: String, _ images: [String: String], without absent: String = "none") throws -> String {
        let (oci, index) = (try #require(images["oci"]), try #require(images["index"]))
        let names = [("\(host)/lib/app-oci:1.0", oci), ("\(host)/lib/multi:latest", index), (oci, oci), (index, index)]
        let lines = names.filter { !$0.0.contains(absent) }.map { name, reference in
            "\(name) application/vnd.oci.image.manifest.v1+json \(reference.split(separator: "@")[1]) 1.0 KiB linux/amd64 -"
        }
        return (["REF TYPE DIGEST SIZE PLATFORMS LABELS"] + lines).joined(separator: "\n") + "\n"
    }

    @Test("the nodes of a cluster of kind are asked for the images; kind gets a file")
    func kind() async throws {
        try await withPackage { lab, host, images in
            try lab.standIn(
                "kind",
                "case $1 in load) cp $3 $HOME/kind.tar;; *) echo dev-control-plane dev-worker;; esac"
            )
            try lab.standIn("docker", #"case "$2" in -i) exit 1;; *) cat "$HOME/$2.txt";; esac"#)
            try lab.write(try listing(host, images), to: "home/dev-control-plane.txt")
            try lab.write(try listing(host, images), to: "home/dev-worker.txt")
            try await lab.succeed(Lab.program, Self.load + ["kind:dev"])
            #expect(try lab.read("home/kind.tar") == lab.read("runtime.tar"))
            let calls = try lab.calls().map { $0.split(separator: " ").dropFirst(2).joined(separator: " ") }
            #expect(calls[0].hasPrefix("load image-archive ") && calls[0].hasSuffix(" --name dev"), "\(calls)")
            #expect(calls[1] == "get nodes --name dev")
            #expect(calls.dropFirst(2).contains("exec dev-worker ctr --namespace k8s.io images ls"))
            try lab.write(try listing(host, images, without: "multi"), to: "home/dev-worker.txt")
            let lacking = try await lab.run(Lab.program, Self.load + ["kind:dev"])
            #expect(lacking.status == 1)
            #expect(
                lacking.log.hasSuffix(
                    "kbld: Error: Nodes of the cluster 'dev' don't have these images under their digests now:\n"
                        + "- dev-worker: \(try #require(images["index"]))\n- dev-worker: \(host)/lib/multi:latest\n"
                ),
                "\(lacking.log)"
            )
        }
    }

    @Test("k3s finds a file in its folder; where it runs, it imports that and is asked")
    func k3s() async throws {
        try await withPackage { lab, host, images in
            let folder = lab.folder + "/k3s/agent/images"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            let data = ["K3S_DATA_DIR": lab.folder + "/k3s"]
            let socket = "dial unix /run/k3s/containerd/containerd.sock: connect:"
            try lab.standIn("k3s", "echo 'ctr: \(socket) permission denied' >&2; exit 1")
            let refused = try await lab.run(Lab.program, Self.load + ["k3s"], environment: data)
            #expect(
                refused.status == 1 && refused.log.hasSuffix("kbld: Error: k3s: ctr: \(socket) permission denied\n")
            )
            try lab.standIn("k3s", "echo 'ctr: \(socket) no such file or directory' >&2; exit 1")
            let absent = try await lab.run(Lab.program, Self.load + ["k3s"], environment: data)
            #expect(absent.status == 0 && absent.log.contains("k3s isn't running here, and imports it when it starts"))
            #expect(try lab.read("k3s/agent/images/p.tar") == lab.read("runtime.tar"))
            try lab.standIn("k3s", "cat $HOME/k3s.txt")
            try lab.write(try listing(host, images), to: "home/k3s.txt")
            let loaded = try await lab.run(Lab.program, Self.load + ["k3s"], environment: data)
            #expect(loaded.status == 0, "\(loaded.log)")
            let calls = try lab.calls().map { $0.split(separator: " ").dropFirst(2).joined(separator: " ") }
            #expect(calls.contains("ctr --namespace k8s.io images import \(folder)/p.tar"), "\(calls)")
            try lab.write(try listing(host, images, without: "app-oci:1.0"), to: "home/k3s.txt")
            let lacking = try await lab.run(Lab.program, Self.load + ["k3s"], environment: data)
            #expect(lacking.status == 1 && lacking.log.hasSuffix("now:\n- \(host)/lib/app-oci:1.0\n"), "\(lacking.log)")
        }
    }

    @Test("of a sparse package the platform that it has is named to containerd, also in nodes of kind")
    func sparse() async throws {
        try await withPackage { lab, host, images in
            try await lab.succeed(Lab.program, ["package", "ls", "p.tar"])
            try await lab.registry { registry in
                let index = try #require(try await lab.push("basic", to: registry)["index"])
                let sparse = ["pkg", index, "-o", "s.tar", "--platform", "linux/arm64/v8", "--sparse"]
                try await lab.succeed(Lab.program, sparse)
                let line =
                    "\(index) application/vnd.oci.image.index.v1+json \(index.split(separator: "@")[1]) 1 KiB x -"
                try lab.write("REF TYPE DIGEST SIZE\n\(line)\n", to: "home/list.txt")
                let body = #"case "$*" in *import*) cat > "$HOME/got.tar";; *) cat "$HOME/list.txt";; esac"#
                for program in ["ctr", "docker"] { try lab.standIn(program, body) }
                try lab.standIn("kind", "echo kind-control-plane")
                for runtime in ["containerd", "kind"] {
                    let outcome = try await lab.run(Lab.program, ["package", "load", "s.tar", "--into", runtime])
                    #expect(outcome.status == 0, "\(outcome.log)")
                }
                let calls = try lab.calls().map { $0.split(separator: " ").dropFirst(2).joined(separator: " ") }
                let command = "--namespace k8s.io images import --platform linux/arm64/v8 -"
                #expect(calls.contains(command), "\(calls)")
                #expect(calls.contains("exec -i kind-control-plane ctr \(command)"), "\(calls)")
                #expect(!calls.contains { $0.hasPrefix("load") || $0.contains("--all-platforms") })
            }
        }
    }

    @Test("signatures and referrers stay out of docker-archives, which are loaded as before", .needs(.podman, .skopeo))
    func artifacts() async throws {
        try await Lab.open { lab in
            try await lab.registry { registry in
                let image = try #require(try await lab.push("basic", to: registry)["oci"])
                try await lab.succeed("python3", [lab.script("push_artifacts.py"), image])
                try lab.write("image: \(image.replacing("@", with: ":1.0@"))\n", to: "in.yml")
                let attached = ["--cosign", "--referrers"]
                let format = ["--format", "docker-archive"]
                let packing = ["pkg", "-f", "in.yml", "-o", "d.tar"] + format + attached
                let packed = try await lab.run(Lab.program, packing)
                try #require(packed.status == 0, "\(packed.log)")
                try await lab.succeed(Lab.program, ["pkg", "-f", "in.yml", "-o", "p.tar"] + attached)
                let converting = ["package", "convert", "p.tar", "c.tar", "-f", "in.yml"] + format
                let converted = try await lab.run(Lab.program, converting)
                try #require(converted.status == 0, "\(converted.log)")
                for log in [packed.log, converted.log] {
                    #expect(log.contains("leaving out 2 artifacts, which a docker-archive can't hold: "), "\(log)")
                }
                #expect(try lab.read("c.tar") == lab.read("d.tar"))
                let manifest = try await lab.run("tar", ["xOf", "d.tar", "manifest.json"]).output
                #expect(manifest.split(separator: "Config").count == 2, "\(manifest)")
                // skopeo takes an archive without a name only where it has one image.
                let copy = ["copy", "docker-archive:\(lab.folder)/d.tar", "dir:\(lab.folder)/copied"]
                try await lab.succeed("skopeo", copy)
                try await lab.podman("load", "-i", "\(lab.folder)/d.tar")
                #expect(try await lab.podman("images", "-q").split(separator: "\n").count == 1)

                // So it is in a layout that older versions of Docker load, which has them nevertheless.
                let runtime = ["--format", "runtime", "--docker-compatible"]
                try await lab.succeed(Lab.program, ["pkg", "-f", "in.yml", "-o", "r.tar"] + runtime + attached)
                #expect(try await lab.run("tar", ["xOf", "r.tar", "manifest.json"]).output == manifest)
                #expect(try await lab.run("tar", ["xOf", "r.tar", "index.json"]).output.contains(".sig"))
            }
        }
    }

    @Test("a folder gets a tarball; a docker-archive has one platform")
    func files() async throws {
        try await withPackage { lab, host, images in
            try FileManager.default.createDirectory(atPath: lab.folder + "/images", withIntermediateDirectories: false)
            try await lab.succeed(Lab.program, Self.load + ["./images"])
            #expect(try lab.files("images") == ["p.tar"])
            // A compressed one is decompressed, and has the same name there.
            try await lab.succeed("gzip", ["-k", "p.tar"])
            try FileManager.default.removeItem(atPath: lab.folder + "/images/p.tar")
            try await lab.succeed(Lab.program, ["package", "load", "p.tar.gz"] + Self.load.dropFirst(3) + ["./images"])
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
