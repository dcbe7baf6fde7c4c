import LibC
import Testing

/// The program is one static file, which runs wherever the kernel does.
@Suite("Other systems", .needs(.dockerRegistry, .openssl, .readelf))
struct PortabilityTests {
    @Test("the program needs no library, no loader and no symbol of a version")
    func isStatic() async throws {
        try await Lab.open { lab in
            let headers = try await lab.run("readelf", ["-lWd", Lab.program])
            try #require(headers.status == 0 && headers.output.contains("LOAD"), "\(headers.log)")
            #expect(!headers.output.contains("INTERP") && !headers.output.contains("(NEEDED)"), "\(headers.output)")
            let symbols = try await lab.run("readelf", ["-W", "--dyn-syms", "--version-info", Lab.program])
            #expect(symbols.status == 0 && !symbols.output.contains("GLIBC"), "\(symbols.output)")
        }
    }

    @Test("the program weighs at most 44 MB, and 18 MiB compressed")
    func weight() async throws {
        try await Lab.open { lab in
            let compressed = try await lab.run(
                "bash",
                ["-c", "stat -c %s \"$0\"; gzip -9c \"$0\" | wc -c", Lab.program]
            )
            let sizes = compressed.output.split(separator: "\n").compactMap { Int($0) }
            try #require(sizes.count == 2, "\(compressed.log)")
            #expect(sizes[0] <= 44_000_000 && sizes[1] <= 18 << 20, "\(sizes)")
        }
    }

    /// A root has nothing but /proc, a name in /etc/hosts, and an nsswitch.conf that names services whose libraries a
    /// static program can't load.
    private static let nameServices = """
        passwd: files systemd sss
        hosts: mymachines resolve [!UNAVAIL=return] myhostname files dns
        """

    @Test("in an empty root images are resolved, packaged and installed over TLS", .enabled(if: geteuid() == 0))
    func emptyRoot() async throws {
        try await Lab.open { lab in
            let root = lab.folder + "/root"
            try await lab.succeed("mkdir", ["-p", "\(root)/etc", "\(root)/proc", "\(root)/data"])
            try await Self.mainJob(in: root, lab)
        }
    }

    /// Resolves, packages and installs images by a registry's host name, with the program alone in the root.
    private static func mainJob(in root: String, _ lab: Lab) async throws {
        try await lab.registry { source in
            try await lab.registry(.tls) { address in
                let images = try await lab.push("basic", to: source)
                try lab.write(images.values.sorted().map { "---\nimage: \($0)\n" }.joined(), to: "source.yml")
                let repository = address.replacing("127.0.0.1", with: "registry.lab") + "/app"
                let arguments = ["-r", address + "/app", "--registry-ca-cert-path", "ca.pem"]
                let copied = try await lab.run(Lab.program, ["relocate", "-f", "source.yml"] + arguments)
                try #require(copied.status == 0, "\(copied.log)")
                let tags = images.values.sorted().map { "kbld-sha256-" + $0.suffix(64) }
                try lab.write(tags.map { "---\nimage: \(repository):\($0)\n" }.joined(), to: "root/data/in.yml")
                try await lab.succeed("cp", [Lab.program, "\(root)/data/kbld"])
                try await lab.succeed("cp", ["ca.pem", "\(root)/data/"])
                try lab.write("127.0.0.1 registry.lab\n", to: "root/etc/hosts")
                try lab.write(nameServices + "\n", to: "root/etc/nsswitch.conf")

                let resolved = try await run("-f /data/in.yml", in: root, lab)
                for image in images.values { #expect(resolved.contains("image: \(repository)@\(image.suffix(71))\n")) }
                try lab.write(resolved, to: "root/data/resolved.yml")
                _ = try await run("pkg -f /data/resolved.yml -o /data/images.tar", in: root, lab)
                let installed = try await run(
                    "unpkg -f /data/resolved.yml -i /data/images.tar -r \(repository)/copy",
                    in: root,
                    lab
                )
                for image in images.values {
                    #expect(installed.contains("image: \(repository)/copy@\(image.suffix(71))\n"))
                }
            }
        }
    }

    /// The standard output of the program in a root of its own, which must succeed.
    private static func run(_ arguments: String, in root: String, _ lab: Lab) async throws -> String {
        let script = """
            mount -t proc proc "$0/proc" &&
            exec chroot "$0" /data/kbld \(arguments) --registry-ca-cert-path /data/ca.pem
            """
        let outcome = try await lab.run("unshare", ["-m", "sh", "-c", script, root])
        try #require(outcome.status == 0, "\(arguments): \(outcome.log)")
        return outcome.output
    }
}
