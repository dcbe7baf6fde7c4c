import FoundationEssentials
import Subprocess
import Testing

@Suite(
    "Packages and folders served as registries",
    .serialized,
    .needs(.curl, .dockerRegistry, .htpasswd, .openssl, .podman, .skopeo)
)
struct ServeTests {
    /// Runs `body` while packages are served, with the lab, the server's host and the images of the `basic` set.
    private func serving(
        _ arguments: [String],
        body: @Sendable (_ lab: Lab, _ host: String, _ images: [String: String]) async throws -> Void
    ) async throws {
        try await Lab.open { lab in
            let images = try await prepare(lab)
            let all =
                ["serve", "--listen", "127.0.0.1:0"] + arguments.map { $0.replacing("LAB", with: lab.folder) }
            try await lab.serve(Lab.program, all) { port in
                try await body(lab, "127.0.0.1:\(port)", images)
            }
        }
    }

    /// Packages the `basic` set, and lets other tools write it in their formats; the registry is gone afterwards.
    private func prepare(_ lab: Lab) async throws -> [String: String] {
        try await lab.registry { source in
            let images = try await lab.push("basic", to: source)
            try lab.write(images.values.sorted().map { "image: \($0)\n" }.joined(separator: "---\n"), to: "in.yml")
            let packaged = try await lab.kbld("pkg", "-f", "in.yml", "-o", "p.tar")
            try #require(packaged.status == 0, "\(packaged.log)")
            let copy = ["copy", "-q", "--all", "--src-tls-verify=false"]
            try await lab.succeed(
                "skopeo",
                copy + ["docker://\(source)/lib/multi", "oci:\(lab.folder)/lay:r.io/multi:7"]
            )
            try await lab.succeed(
                "skopeo",
                copy + ["docker://\(source)/lib/multi", "oci:\(lab.folder)/hub:docker.io/library/multi:7"]
            )
            try await lab.succeed(
                "skopeo",
                copy.filter { $0 != "--all" }
                    + ["docker://\(source)/lib/app-docker:1.0", "docker-archive:\(lab.folder)/d.tar:r.io/x/app:2.0"]
            )
            return images
        }
    }

    private func digest(_ reference: String?) throws -> String {
        let parts = try #require(reference).split(separator: "@")
        return String(try #require(parts.last))
    }

    /// Runs the checks of the distribution specification; gives how many hold.
    private func conformance(_ lab: Lab, _ arguments: [String]) async throws -> Int {
        let outcome = try await lab.run("python3", [lab.script("registry_conformance.py")] + arguments)
        let lines = outcome.output.split(separator: "\n")
        for line in lines where !line.hasPrefix("ok ") { Issue.record("\(line)") }
        #expect(outcome.status == 0, "\(outcome.log)")
        return lines.count { $0.hasPrefix("ok ") }
    }

    @Test("a package conforms to the distribution specification: pull and content discovery")
    func readOnlyConformance() async throws {
        try await serving(["-i", "LAB/p.tar"]) { lab, host, images in
            let count = try await conformance(lab, [host, "read", "lib/app-oci", digest(images["oci"])])
            #expect(count >= 40)
        }
    }

    @Test(
        "what takes pushes conforms in all four categories",
        arguments: [
            ["serve", "--writable", "LAB/kept"], ["serve", "--storage", "LAB/kept"], ["serve-registry"],
            ["serve-registry", "--storage", "LAB/kept"],
        ]
    )
    func writableConformance(command: [String]) async throws {
        try await Lab.open { lab in
            let arguments = command.map { $0.replacing("LAB", with: lab.folder) } + ["--listen", "127.0.0.1:0"]
            try await lab.serve(Lab.program, arguments) { port in
                let count = try await conformance(lab, ["127.0.0.1:\(port)", "write", "--beyond"])
                #expect(count >= 80)
            }
        }
    }

    @Test("skopeo and podman pull from a package, index and image, under the same digests")
    func realClients() async throws {
        try await serving(["-i", "LAB/p.tar", "--verify"]) { lab, host, images in
            let index = try digest(images["index"])
            try await lab.succeed(
                "skopeo",
                ["copy", "-q", "--all", "--src-tls-verify=false", "docker://\(host)/lib/multi@\(index)"]
                    + ["dir:\(lab.folder)/copied"]
            )
            #expect("sha256:" + (try await lab.run("sha256sum", ["copied/manifest.json"]).output.prefix(64)) == index)
            let image = try digest(images["docker"])
            for reference in [
                "\(host)/lib/app-docker@\(image)", "\(host)/lib/multi:kbld-\(index.replacing(":", with: "-"))",
            ] {
                try await lab.podman("pull", "-q", "--tls-verify=false", reference)
            }
            let listed = try await lab.podman("images", "--digests", "--format", "{{.Digest}}")
            #expect(listed.contains(image))
            #expect(
                try await lab.tags("\(host)/lib/app-oci") == ["kbld-" + digest(images["oci"]).replacing(":", with: "-")]
            )
        }
    }

    @Test("podman pulls by tag: from a package that records tags, and from one whose documents or lock tell them")
    func tags() async throws {
        try await Lab.open { lab in
            let images = try await lab.registry { source in
                let images = try await lab.push("basic", to: source)
                let names = ["lib/multi:latest", "lib/app-docker:1.0"]
                try lab.write(names.map { "image: \(source)/\($0)\n" }.joined(separator: "---\n"), to: "in.yml")
                let resolved = try await lab.kbld("-f", "in.yml", "--lock-output", "lock.yml")
                try lab.write(resolved.output, to: "resolved.yml")
                try await lab.succeed(Lab.program, ["pkg", "-f", "resolved.yml", "-o", "p.tar"])
                try await lab.succeed(Lab.program, ["pkg", "-f", "lock.yml", "-o", "tagged.tar", "--record-tags"])
                return images
            }
            for arguments in [["tagged.tar"], ["p.tar", "-f", "resolved.yml"], ["p.tar", "-f", "lock.yml"]] {
                let all =
                    ["serve", "--listen", "127.0.0.1:0", "-i"]
                    + arguments.map { $0.contains(".") ? "\(lab.folder)/\($0)" : $0 }
                try await lab.serve(Lab.program, all) { port in
                    for (name, digest) in [
                        ("lib/app-docker:1.0", images["docker"]), ("lib/multi:latest", images["index"]),
                    ] {
                        let reference = "127.0.0.1:\(port)/\(name)"
                        try await lab.podman("pull", "-q", "--tls-verify=false", reference)
                        let listed = try await lab.podman("images", "--digests", "--format", "{{.Digest}}", reference)
                        #expect(listed.contains(try self.digest(digest)), "\(listed)")
                    }
                }
            }
        }
    }

    @Test(
        "requests are logged in a line each, as text or JSON or not at all, and never a password",
        arguments: ["text", "json", "off", "quiet"]
    )
    func accessLog(form: String) async throws {
        try await Lab.open { lab in
            try lab.write(try await lab.run("htpasswd", ["-Bbn", "alice", "s3cret"]).output, to: "users")
            let flags = [
                "text": [], "json": ["--log-format", "json"], "off": ["--no-access-log"], "quiet": ["--quiet"],
            ]
            let arguments = [
                "serve-registry", "--listen", "127.0.0.1:0", "--ready-file", "ready", "--htpasswd", "users",
            ]
            let asked =
                "until [ -s ready ]; do sleep 0.05; done; host=$(cat ready); "
                + "for path in / /v2/ '/v2/lib/app/tags/list?token=s3cret'; do "
                + #"curl -s -o /dev/null -u alice:s3cret -A 'some "agent"' "http://$host$path"; done; touch asked"#
            async let clients: Void = lab.succeed("sh", ["-c", asked])
            let ended = try await lab.interrupted(arguments + (flags[form] ?? []), by: .terminate) {
                try lab.files().contains("asked")
            }
            try await clients
            let log = ended.outcome.log
            #expect(!log.contains("s3cret"), "\(log)")
            let lines = log.split(separator: "\n").map(String.init)
            switch form {
            case "text":
                let pattern =
                    #/127\.0\.0\.1 - alice \[.* \+0000\] "GET \/v2\/lib\/app\/tags\/list HTTP\/1\.1" 404 \d+ "-" "some \\"agent\\""/#
                #expect(lines.count { $0.wholeMatch(of: pattern) != nil } == 1, "\(log)")
                #expect(lines.count { $0.hasPrefix("127.0.0.1 - alice [") } == 3, "\(log)")
            case "json":
                let line = try #require(lines.first { $0.contains("/tags/list") })
                let request = try JSONDecoder().decode(Request.self, from: Data(line.utf8))
                #expect(request.event == "access" && request.user == "alice" && request.status == 404)
                #expect(request.method == "GET" && request.path == "/v2/lib/app/tags/list" && request.bytes > 0)
                #expect(request.user_agent == #"some "agent""# && request.client == "127.0.0.1")
                #expect(lines.count { $0.contains(#""event":"access""#) } == 3)
            default: #expect(!log.contains("/v2/"), "\(log)")
            }
        }
    }

    private struct Request: Decodable {
        var event, client, user, method, path, user_agent: String
        var status, bytes: Int
    }

    @Test(
        "the page can be read and used, narrow and wide, light and dark; it tells tags, platforms and kinds",
        .needs(.chromium)
    )
    func page() async throws {
        try await serving(["-i", "LAB/lay", "-i", "LAB/p.tar"]) { lab, host, images in
            try await lab.checkPage("http://\(host)/")
            let page = try await lab.run("curl", ["-s", "http://\(host)/"]).output
            for text in [
                #"<span class="tag">7</span>"#, "<li>linux/arm/v7</li>", #"<li class="kind">index</li>"#,
                #"<li class="kind">image</li><li>linux/amd64</li>"#, "podman pull --tls-verify=false \(host)/multi:7<",
                "\(host)/lib/app-oci@\(try digest(images["oci"]))",
            ] { #expect(page.contains(text), "\(text)") }
        }
        try await Lab.open { lab in
            let arguments = ["serve-registry", "--listen", "127.0.0.1:0"]
            try await lab.serve(Lab.program, arguments) { port in
                #expect(
                    try await lab.run("curl", ["-s", "http://127.0.0.1:\(port)/"]).output.contains("no images here yet")
                )
                _ = try await lab.push("exotic", to: "127.0.0.1:\(port)")
                try await lab.checkPage("http://127.0.0.1:\(port)/")
                let page = try await lab.run("curl", ["-s", "http://127.0.0.1:\(port)/"]).output
                #expect(page.contains(#"<li class="kind">artifact: application/"#), "\(page)")
            }
        }
    }

    @Test("packages of all formats are served together, with the tags that they record")
    func otherFormats() async throws {
        try await serving(["-i", "LAB/lay", "-i", "LAB/d.tar", "-i", "LAB/p.tar"]) { lab, host, images in
            let multi = try await lab.rawManifest("\(host)/multi:7")
            let index = try digest(images["index"])
            let same = try await lab.rawManifest("\(host)/lib/multi@\(index)")
            #expect(multi == same)
            #expect(try await lab.tags("\(host)/x/app").contains("2.0"))
            try await lab.succeed(
                "skopeo",
                ["copy", "-q", "--src-tls-verify=false", "docker://\(host)/r.io/x/app:2.0", "dir:\(lab.folder)/app"]
            )
        }
    }

    @Test("a mirror's host chooses the repository, and only its own")
    func mirror() async throws {
        try await serving(["-i", "LAB/lay"]) { (lab, host, _) async throws in
            func status(_ path: String) async throws -> String {
                try await lab.run("curl", ["-s", "-o", "/dev/null", "-w", "%{http_code}", "http://\(host)\(path)"])
                    .output
            }
            #expect(try await status("/v2/multi/manifests/7?ns=r.io") == "200")
            #expect(try await status("/v2/multi/manifests/7?ns=other.io") == "404")
            #expect(try await status("/v2/r.io/multi/manifests/7") == "200")
            #expect(try await status("/v2/multi/manifests/7") == "200")
        }
    }

    @Test("podman pulls an image of Docker Hub by a mirror that is a package")
    func podmanMirror() async throws {
        try await serving(["-i", "LAB/hub"]) { lab, host, images in
            let mirror = "[[registry]]\nlocation = \"docker.io\"\n[[registry.mirror]]\n"
            try lab.write(mirror + "location = \"\(host)/docker.io\"\ninsecure = true\n", to: "mirrors.conf")
            let variables = ["CONTAINERS_REGISTRIES_CONF": lab.folder + "/mirrors.conf"]
            try await lab.podman("pull", "-q", "docker.io/library/multi:7", environment: variables)
            let listed = try await lab.podman("images", "--digests", "--format", "{{.Repository}} {{.Digest}}")
            #expect(listed.contains("docker.io/library/multi \(try digest(images["index"]))"), "\(listed)")
        }
    }

    @Test("it ends within a second of a signal, with the signal's status")
    func signals() async throws {
        try await Lab.open { lab in
            for signal in [Signal.interrupt, .terminate] {
                let ready = "ready-\(signal.rawValue)"
                let arguments = ["serve-registry", "--listen", "127.0.0.1:0", "--ready-file", ready]
                let ended = try await lab.interrupted(arguments, by: signal) { try lab.files().contains(ready) }
                #expect(ended.outcome.status == 128 + signal.rawValue, "\(ended.outcome.log)")
                #expect(ended.seconds < 1, "\(ended.seconds)")
            }
        }
    }

    @Test("TLS with a password: who has it gets in, nobody else does")
    func tlsAndPassword() async throws {
        try await Lab.open { lab in
            _ = try await prepare(lab)
            let names = "subjectAltName=IP:127.0.0.1"
            try await lab.succeed(
                "openssl",
                ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=lab", "-addext", names]
                    + ["-keyout", "\(lab.folder)/tls.key", "-out", "\(lab.folder)/ca.crt"]
            )
            try await lab.succeed("mkdir", ["certs"])
            try await lab.succeed("cp", ["ca.crt", "certs"])
            try lab.write(try await lab.run("htpasswd", ["-Bbn", "alice", "s3cret"]).output, to: "users")
            let arguments =
                ["serve", "-i", lab.folder + "/p.tar", "--listen", "127.0.0.1:0", "--htpasswd"]
                + [lab.folder + "/users", "--tls-cert", lab.folder + "/ca.crt", "--tls-key", lab.folder + "/tls.key"]
            try await lab.serve(Lab.program, arguments) { port in
                func status(_ more: String...) async throws -> String {
                    let plain = ["-s", "-o", "/dev/null", "-w", "%{http_code}", "--cacert", lab.folder + "/ca.crt"]
                    return try await lab.run("curl", plain + more + ["https://127.0.0.1:\(port)/v2/"]).output
                }
                #expect(try await status() == "401")
                for _ in 0..<2 { #expect(try await status("-u", "alice:s3cret") == "200") }
                #expect(try await status("-u", "alice:wrong") == "401")
                #expect(try await status("-u", "bob:s3cret") == "401")
                #expect(try await status("-u", "alice:s3cret", "--tls-max", "1.1") == "000")
                let tags = try await lab.run(
                    "skopeo",
                    ["list-tags", "--creds", "alice:s3cret", "--cert-dir", lab.folder + "/certs"]
                        + ["docker://127.0.0.1:\(port)/lib/multi"]
                )
                #expect(tags.output.contains("kbld-sha256-"), "\(tags.log)")
            }
        }
    }

    @Test("wrong flags and unusable files are named")
    func badFlags() async throws {
        try await Lab.open { lab in
            try lab.write("bob:$apr1$2W5Zs7Jk$abcdefghijklmnopqrstuv\n", to: "weak")
            try lab.write("not a key\n", to: "k.pem")
            try lab.write("", to: "empty.tar")
            func refusal(_ arguments: [String], _ expected: String) async throws {
                let outcome = try await lab.run(Lab.program, ["serve"] + arguments)
                #expect(outcome.status == 1)
                #expect(outcome.log.contains("Error") && outcome.log.contains(expected), "\(arguments): \(outcome.log)")
                #expect(outcome.output == "")
            }
            try await refusal([], "--input")
            try await refusal(["-i", "a", "--storage", "b"], "packages and --storage are mutually exclusive")
            try await refusal(["-f", "a.yml", "--storage", "b"], "--file requires --input")
            try await refusal(["--writable", "a", "--storage", "b"], "give --storage alone")
            try await refusal(["--writable", "w", "--listen", "nowhere"], "--listen must be host:port")
            try await refusal(["--writable", "w", "--tls-cert", "c"], "--tls-cert and --tls-key")
            try await refusal(["--writable", "w", "--htpasswd", "weak"], "line 1, user 'bob': only bcrypt")
            try await refusal(["--writable", "w", "--tls-cert", "k.pem", "--tls-key", "k.pem"], "'k.pem'")
            let listen = ["--writable", "w", "--listen", "127.0.0.1:0"]
            try await refusal(listen + ["--ready-file", "absent/ready"], "'absent/ready'")
            try await refusal(["-i", "absent.tar"], "'absent.tar'")
            try await refusal(["-i", "empty.tar"], "'empty.tar'")
        }
    }

    @Test("a damaged layer is refused with --verify, and without it never passes for the whole")
    func damaged() async throws {
        try await Lab.open { lab in
            let images = try await prepare(lab)
            let alter =
                "f = open('p.tar', 'r+b'); f.seek(-1536, 2); b = f.read(1); f.seek(-1536, 2)\n"
                + "while b == b'\\0': f.seek(-2, 1); b = f.read(1); f.seek(-1, 1)\nf.write(bytes([b[0] ^ 1]))\n"
            try await lab.succeed("python3", ["-c", alter])
            let refused = try await lab.kbld("serve", "-i", "p.tar", "--verify")
            #expect(refused.status == 1)
            #expect(refused.log.contains("entry 'sha256-"), "\(refused.log)")
            let arguments = ["serve", "-i", lab.folder + "/p.tar", "--listen", "127.0.0.1:0"]
            try await lab.serve(Lab.program, arguments) { port in
                var failed = 0
                for (name, reference) in images.sorted(by: { $0.key < $1.key }) {
                    let path = reference.split(separator: "/", maxSplits: 1)[1]
                    let source = "docker://127.0.0.1:\(port)/\(path)"
                    let copy = ["copy", "-q", "--all", "--src-tls-verify=false", source, "dir:\(lab.folder)/c-\(name)"]
                    if try await lab.run("skopeo", copy).status != 0 { failed += 1 }
                }
                #expect(failed >= 1)
            }
        }
    }
}
