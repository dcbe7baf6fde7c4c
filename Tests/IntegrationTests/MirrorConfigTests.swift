import FoundationEssentials
import Testing

@Suite("Nodes that pull original names from a mirror", .serialized, .needs(.dockerRegistry, .skopeo))
struct MirrorConfigTests {
    /// Runs `body` with a mirror and the images' original names; their registry has gone.
    private func withMirror(
        _ flags: [String],
        _ body: @Sendable (Lab, _ mirror: String, _ images: [String: String]) async throws -> Void
    ) async throws {
        try await Lab.open { lab in
            try await lab.registry { mirror in
                let images = try await lab.registry { source in
                    let images = try await lab.push("basic", to: source)
                    try lab.write("image: \(source)/lib/app-oci:1.0\n---\nimage: \(source)/lib/multi\n", to: "in.yml")
                    let resolved = try await lab.kbld("-f", "in.yml")
                    try #require(resolved.status == 0, "\(resolved.log)")
                    try lab.write(resolved.output, to: "resolved.yml")
                    try await lab.succeed(Lab.program, ["pkg", "-f", "resolved.yml", "-o", "p.tar"])
                    return images
                }
                let layout = ["-r", "\(mirror)/mirror", "--repository-layout", "mirror-with-host"]
                let unpackage = ["unpkg", "-f", "resolved.yml", "-i", "p.tar", "--mirror-config", "out"]
                try await lab.succeed(Lab.program, unpackage + layout + flags)
                try await body(lab, mirror, images)
            }
        }
    }

    @Test("podman and skopeo pull by the original names", .needs(.podman), arguments: ["allow", "never"])
    func podman(fallback: String) async throws {
        try await withMirror(["--mirror-fallback", fallback]) { lab, _, images in
            let configuration = "\(lab.folder)/out/registries.conf.d/50-kbld.conf"
            for name in ["oci", "index"] {
                let image = try #require(images[name])
                let inspect = ["--registries-conf", configuration, "inspect", "--raw", "docker://\(image)"]
                try await lab.succeed("skopeo", inspect)
                let environment = ["CONTAINERS_REGISTRIES_CONF": configuration]
                try await lab.podman("pull", "-q", image, environment: environment)
                let digests = try await lab.podman("image", "inspect", "--format", "{{.RepoDigests}}", image)
                #expect(digests.contains(image), "\(digests)")
            }
        }
    }

    @Test("containerd pulls by the original names", .needs(.containerd, .ctr), arguments: ["allow", "never"])
    func containerd(fallback: String) async throws {
        try await withMirror(["--mirror-fallback", fallback]) { lab, _, images in
            try await lab.containerd { socket in
                for name in ["oci", "index"] {
                    let image = try #require(images[name])
                    let fetch = ["content", "fetch", "--hosts-dir", "\(lab.folder)/out/certs.d", image]
                    try await lab.succeed("ctr", ["--address", socket] + fetch)
                    let list = try await lab.run("ctr", ["--address", socket, "images", "ls", "-q"])
                    #expect(list.output.contains("\(image)\n"))
                }
            }
        }
    }

    @Test("what comes from Docker Hub is pulled by its own name, by tag as by digest", .needs(.buildah, .podman, .ctr))
    func dockerHub() async throws {
        try await Lab.open { lab in
            try await lab.registry { mirror in
                let digest = try await lab.registry { source in
                    let image = try #require(try await lab.push("basic", to: source)["index"])
                    let place = "oci:\(lab.folder)/hub:docker.io/library/multi:7"
                    let copy = ["copy", "-q", "--all", "--src-tls-verify=false", "docker://\(image)", place]
                    try await lab.succeed("skopeo", copy)
                    return try #require(image.split(separator: "@").last)
                }
                let unpackage = ["unpkg", "-i", "hub", "--mirror-config", "out", "--mirror-fallback", "never"]
                let layout = ["-r", "\(mirror)/m", "--repository-layout", "mirror-with-host", "--tag-with-origin"]
                try await lab.succeed(Lab.program, unpackage + layout)
                let configuration = "\(lab.folder)/out/registries.conf.d/50-kbld.conf"
                for name in ["docker.io/library/multi:7", "docker.io/library/multi@\(digest)"] {
                    let inspect = ["--registries-conf", configuration, "inspect", "--raw", "docker://\(name)"]
                    try await lab.succeed("skopeo", inspect)
                    try await lab.podman("pull", "-q", name, environment: ["CONTAINERS_REGISTRIES_CONF": configuration])
                    let storage = ["--root", "\(lab.folder)/buildah", "--runroot", "\(lab.folder)/run"]
                    let pull = ["--storage-driver", "vfs", "--registries-conf", configuration, "pull", "-q", name]
                    try await lab.succeed("buildah", storage + pull)
                }
                try await lab.containerd { socket in
                    for name in ["docker.io/library/multi:7", "docker.io/library/multi@\(digest)"] {
                        let fetch = ["content", "fetch", "--hosts-dir", "\(lab.folder)/out/certs.d", name]
                        try await lab.succeed("ctr", ["--address", socket] + fetch)
                        let list = try await lab.run("ctr", ["--address", socket, "images", "ls"]).output
                        #expect(list.split(separator: "\n").contains { $0.hasPrefix(name) && $0.contains(digest) })
                    }
                }
            }
        }
    }

    @Test(
        "containerd reaches a mirror whose certificate an authority beside its file has signed",
        .needs(.containerd, .ctr)
    )
    func authority() async throws {
        try await Lab.open { lab in
            try await lab.registry(.tls) { mirror in
                try await lab.registry { source in
                    let image = try #require(try await lab.push("basic", to: source)["oci"])
                    try await lab.succeed(Lab.program, ["pkg", image, "-o", "p.tar"])
                    let layout = ["-r", "\(mirror)/m", "--repository-layout", "mirror"]
                    let trust = ["--registry-ca-cert-path", "ca.pem", "--mirror-ca", "ca.pem"]
                    try await lab.succeed(
                        Lab.program,
                        ["unpkg", "-i", "p.tar", "--mirror-config", "out", "--mirror-fallback", "never"] + layout
                            + trust
                    )
                    try await lab.containerd { socket in
                        let fetch = ["content", "fetch", "--hosts-dir", "\(lab.folder)/out/certs.d", image]
                        try await lab.succeed("ctr", ["--address", socket] + fetch)
                    }
                }
            }
        }
    }

    @Test("relocate writes them, too, and what it wrote finds the images when their registry has gone")
    func relocated() async throws {
        try await Lab.open { lab in
            try await lab.registry { mirror in
                let images = try await lab.registry { source in
                    let images = try await lab.push("basic", to: source)
                    let (oci, index) = (try #require(images["oci"]), try #require(images["index"]))
                    try lab.write("image: \(oci)\n---\nimage: \(index)\n", to: "in.yml")
                    let relocate = [
                        "relocate", "-f", "in.yml", "-r", "\(mirror)/mirror", "--repository-layout", "mirror-with-host",
                        "--mirror-config", "out", "--mirror-config-format", "registries.conf,hosts.toml",
                        "--mirror-fallback", "never",
                    ]
                    try await lab.succeed(Lab.program, relocate)
                    let host = try #require(oci.split(separator: "/").first)
                    #expect(try lab.text("out/certs.d/\(host)/hosts.toml").contains("\(mirror)/v2/mirror/"))
                    return [oci, index]
                }
                let configuration = "\(lab.folder)/out/registries.conf.d/50-kbld.conf"
                for image in images {
                    let inspect = ["--registries-conf", configuration, "inspect", "--raw", "docker://\(image)"]
                    try await lab.succeed("skopeo", inspect)
                }
            }
        }
    }

    @Test("the same package gives the same files; files of others stay; differences are named")
    func files() async throws {
        try await withMirror(["--mirror-config-format", "hosts.toml,k3s,idms"]) { lab, mirror, images in
            let host = try #require(images["oci"]?.split(separator: "/").first)
            let hosts = "out/certs.d/\(host)/hosts.toml"
            let command = [
                "mirror-config", "-i", "p.tar", "-r", "\(mirror)/mirror", "--repository-layout", "mirror-with-host",
                "-o", "out", "--format", "hosts.toml,k3s,idms",
            ]
            let written = try lab.text(hosts)
            let same = try await lab.run(Lab.program, command + ["--mirror-config-diff"])
            #expect(same.status == 0 && same.output.isEmpty, "\(same.log)")
            // Ours, and changed: it is written again.
            try lab.write(written + "# changed\n", to: hosts)
            try FileManager.default.removeItem(atPath: "\(lab.folder)/out/idms.yaml")
            let differs = try await lab.run(Lab.program, command + ["--mirror-config-diff"])
            #expect(differs.status == 1)
            #expect(differs.log.contains("- \(hosts) differs\n- out/idms.yaml is missing\n"), "\(differs.log)")
            try await lab.succeed(Lab.program, command)
            #expect(try lab.text(hosts) == written)
            // Of others: nothing is written.
            try lab.write("mirrors: {}\n", to: "out/registries.yaml")
            try FileManager.default.removeItem(atPath: "\(lab.folder)/out/idms.yaml")
            let refused = try await lab.run(Lab.program, command)
            #expect(refused.status == 1 && refused.log.contains("'out/registries.yaml' was written by others"))
            #expect(try lab.text("out/registries.yaml") == "mirrors: {}\n")
            #expect(try lab.files("out") == ["certs.d", "registries.yaml"])
        }
    }
}
