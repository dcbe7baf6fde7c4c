import FoundationEssentials
import Testing

@Suite("What servers prove, and how they answer", .serialized, .needs(.dockerRegistry, .openssl))
struct TransportTests {
    /// A certificate `NAME.pem` of the authority `ca.pem`, and its key.
    private func certificate(_ lab: Lab, _ name: String, subject: String, names: String?) async throws -> [String] {
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        if try !lab.files().contains("ca.pem") {
            let authority = ["-days", "3", "-subj", "/CN=lab authority", "-keyout", "ca.key", "-out", "ca.pem"]
            try await lab.succeed("openssl", ["req", "-x509"] + key + authority)
        }
        try lab.write(names.map { "subjectAltName=" + $0 } ?? "basicConstraints=CA:FALSE", to: "names.cnf")
        try await lab.succeed(
            "openssl",
            ["req"] + key + ["-subj", subject, "-keyout", name + ".key", "-out", name + ".csr"]
        )
        try await lab.succeed(
            "openssl",
            ["x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"]
                + ["-days", "2", "-extfile", "names.cnf", "-out", name + ".pem"]
        )
        return ["\(lab.folder)/\(name).pem", "\(lab.folder)/\(name).key"]
    }

    @Test(
        "a certificate must name the host, for a registry and a document, directly and through a proxy",
        arguments: [
            ("/O=lab", "DNS:registry.example.test", true), ("/O=lab", "DNS:*.example.test", true),
            ("/O=lab", "DNS:REGISTRY.Example.Test", true), ("/O=lab", "DNS:*.test", false),
            ("/O=lab", "DNS:example.test", false), ("/O=lab", "IP:127.0.0.1", false),
            ("/CN=registry.example.test", "IP:127.0.0.1", false), ("/CN=registry.example.test", nil, false),
            ("/CN=registry.example.test", "DNS:other.test", false),
        ] as [(String, String?, Bool)]
    )
    func identities(subject: String, names: String?, isProven: Bool) async throws {
        try await Lab.open { lab in
            try await lab.registry { backend in
                _ = try await lab.push("basic", to: backend)
                let files = try await certificate(lab, "host", subject: subject, names: names)
                try await lab.faulty(backend, [], tls: files) { host in
                    let proxy = [lab.script("proxy.py"), host, lab.folder + "/proxy.log"]
                    try await lab.serve("python3", proxy) { port in
                        let environment = [
                            "HTTPS_PROXY": "http://127.0.0.1:\(port)", "SSL_CERT_FILE": lab.folder + "/ca.pem",
                        ]
                        try lab.write("image: registry.example.test/lib/app-oci:1.0\n", to: "in.yml")
                        let resolved = try await lab.kbld("-f", "in.yml", environment: environment)
                        #expect((resolved.status == 0) == isProven, "\(resolved.log)")
                        let read = try await lab.kbld(
                            "-f",
                            "https://registry.example.test/v2/",
                            environment: environment
                        )
                        #expect((read.status == 0) == isProven, "\(read.log)")
                        guard !isProven else { return }
                        #expect(try lab.requests() == [], "nothing is asked")
                        for log in [resolved.log, read.log] {
                            #expect(log.contains("not for registry.example.test"), "\(log)")
                        }
                    }
                }
            }
        }
    }

    @Test("an address's certificate doesn't prove the name that leads there, and gets no password")
    func addressAndName() async throws {
        try await Lab.open { lab in
            try await lab.registry { backend in
                _ = try await lab.push("basic", to: backend)
                let files = try await certificate(lab, "address", subject: "/CN=localhost", names: "IP:127.0.0.1")
                try await lab.faulty(backend, [], tls: files) { host in
                    let environment = ["SSL_CERT_DIR": "/nowhere:" + lab.folder]
                    try lab.write("image: \(host)/lib/app-oci:1.0\n", to: "address.yml")
                    let byAddress = try await lab.kbld("-f", "address.yml", environment: environment)
                    #expect(byAddress.status == 0, "\(byAddress.log)")
                    let name = host.replacing("127.0.0.1", with: "localhost")
                    try lab.write("image: \(name)/lib/app-oci:1.0\n", to: "name.yml")
                    try lab.write("", to: "requests.log")
                    let login = [
                        "KBLD_REGISTRY_HOSTNAME": name, "KBLD_REGISTRY_USERNAME": "alice",
                        "KBLD_REGISTRY_PASSWORD": "s3cret",
                    ]
                    let byName = try await lab.run(
                        Lab.program,
                        ["-f", "name.yml"],
                        environment: environment.merging(login) { $1 }
                    )
                    #expect(byName.status == 1 && byName.log.contains("127.0.0.1"), "\(byName.log)")
                    #expect(try lab.requests() == [])
                }
            }
        }
    }

    @Test("authorities are found by SSL_CERT_FILE and SSL_CERT_DIR, and without them the registry isn't trusted")
    func authorities() async throws {
        try await Lab.open { lab in
            try await lab.registry(.tls) { host in
                try lab.write("image: \(host)/lib/none:1.0\n", to: "in.yml")
                let certificates = lab.folder + "/certificates"
                try FileManager.default.createDirectory(atPath: certificates, withIntermediateDirectories: true)
                try lab.write("no certificate", to: "certificates/a.txt")
                try lab.write(
                    "A comment\n" + String(decoding: try lab.read("ca.pem"), as: UTF8.self),
                    to: "certificates/any name"
                )
                let trusting: [[String: String]] = [
                    ["SSL_CERT_FILE": "\(lab.folder)/ca.pem"], ["SSL_CERT_DIR": certificates],
                    ["SSL_CERT_DIR": "/nowhere:\(certificates)/"],
                    ["SSL_CERT_FILE": "/nowhere", "SSL_CERT_DIR": certificates],
                ]
                for environment in trusting {
                    let outcome = try await lab.kbld("-f", "in.yml", environment: environment)
                    #expect(outcome.log.contains("404"), "\(environment): \(outcome.log)")
                }
                let distrusting: [[String: String]] = [
                    [:], ["SSL_CERT_FILE": "\(certificates)/a.txt"], ["SSL_CERT_DIR": "/nowhere"],
                    ["SSL_CERT_FILE": "/nowhere", "SSL_CERT_DIR": "/nowhere"],
                ]
                for environment in distrusting {
                    let outcome = try await lab.kbld("-f", "in.yml", environment: environment)
                    #expect(outcome.log.contains("not trusted"), "\(environment): \(outcome.log)")
                    let own = try await lab.kbld(
                        "-f",
                        "in.yml",
                        "--registry-ca-cert-path",
                        "ca.pem",
                        environment: environment
                    )
                    #expect(own.log.contains("404"), "\(environment): \(own.log)")
                }
            }
        }
    }

    /// Runs `body` with a registry that has one oddity, beside another one.
    private func odd(_ oddity: String, _ body: @Sendable (Lab, _ source: String, _ odd: String) async throws -> Void)
        async throws
    {
        try await Lab.open { lab in
            try await lab.registry { source in
                let arguments = [lab.script("odd_registry.py"), lab.folder + "/odd.log", oddity]
                try lab.write("", to: "odd.log")
                try await lab.serve("python3", arguments) { port in
                    try await body(lab, source, "127.0.0.1:\(port)")
                }
            }
        }
    }

    @Test("a registry that bears four requests at once gets no more, and everything arrives")
    func crowd() async throws {
        try await odd("crowded") { lab, source, crowded in
            let images = try await lab.push("many", to: source, ["--scale", "30"])
            try lab.write("all:\n" + images.values.sorted().map { "- image: \($0)\n" }.joined(), to: "in.yml")
            let moved = try await lab.kbld("relocate", "-f", "in.yml", "-r", crowded + "/app")
            #expect(moved.status == 0, "\(moved.log)")
            try lab.write(moved.output, to: "moved.yml")
            let packed = try await lab.kbld("pkg", "-f", "moved.yml", "-o", "p.tar")
            #expect(packed.status == 0, "\(packed.log)")
            let refused = String(decoding: try lab.read("odd.log"), as: UTF8.self).split(separator: "\n")
                .filter { $0.hasSuffix(" 429") }
            #expect(!refused.isEmpty)
        }
    }

    @Test(
        "an early answer and then silence is a refusal that is reported, or no success",
        arguments: ["early", "early-201"]
    )
    func early(oddity: String) async throws {
        try await odd(oddity) { lab, source, odd in
            try await lab.succeed("python3", [lab.script("large_blob.py"), source, "32"])
            try lab.write("image: \(source)/large:1\n", to: "tag.yml")
            try lab.write(try await lab.kbld("-f", "tag.yml").output, to: "in.yml")
            let outcome = try await lab.run(
                "timeout",
                [
                    "20", Lab.program, "relocate", "-f", "in.yml", "-r", odd + "/app", "--idle-timeout", "1",
                    "--retries", "0",
                ]
            )
            #expect(outcome.status == 1 && outcome.log.contains("kbld: Error: "), "\(outcome.log)")
            #expect(outcome.log.contains("too large for us") == (oddity == "early"), "\(outcome.log)")
        }
    }

    @Test("an answer without a length to what was pushed isn't waited for")
    func endless() async throws {
        try await odd("endless") { lab, source, odd in
            let images = try await lab.push("basic", to: source)
            try lab.write("image: \(try #require(images["oci"]))\n", to: "in.yml")
            let outcome = try await lab.run(
                "timeout",
                ["20", Lab.program, "relocate", "-f", "in.yml", "-r", odd + "/app"]
            )
            #expect(outcome.status == 0, "\(outcome.log)")
        }
    }

    @Test("what speaks plain http is said not to speak https, at once and in plain words")
    func plainHTTP() async throws {
        try await odd("none") { lab, _, odd in
            try await lab.serve("python3", [lab.script("proxy.py"), odd, lab.folder + "/proxy.log"]) { port in
                try lab.write("image: registry.example.test/lib/app:1.0\n", to: "in.yml")
                let outcome = try await lab.kbld(
                    "-f",
                    "in.yml",
                    environment: ["HTTPS_PROXY": "127.0.0.1:\(port)"]
                )
                #expect(outcome.status == 1 && outcome.log.contains("--registry-insecure"), "\(outcome.log)")
                #expect(!outcome.log.contains("SSL") && !outcome.log.contains(".build"), "\(outcome.log)")
                let connections = String(decoding: try lab.read("proxy.log"), as: UTF8.self).split(separator: "\n")
                #expect(connections.count == 1, "\(connections)")
            }
        }
    }

    @Test("a document's login goes to its server alone, and is never printed")
    func documentLogin() async throws {
        try await Lab.open { lab in
            let arguments = [lab.script("asking_server.py"), lab.folder + "/asked.log"]
            try await lab.serve("python3", arguments) { port in
                let host = "127.0.0.1:\(port)"
                let read = try await lab.kbld("-f", "http://alice:s3%2Fcret@\(host)/plain.yml")
                #expect(read.status == 0 && read.output == "---\nkind: Plain\n", "\(read.log)")
                let led = try await lab.kbld("-f", "http://alice:s3%2Fcret@\(host)/elsewhere.yml")
                #expect(led.status == 1 && led.log.contains("401"), "\(led.log)")
                #expect(!(read.log + led.log).contains("cret"))
                let unix = try await lab.kbld("-f", "http://alice:s3%2Fcret@\(host)/socket.yml")
                #expect(unix.status == 1 && unix.log.contains("is not an http"), "\(unix.log)")
                let asked = String(decoding: try lab.read("asked.log"), as: UTF8.self)
                #expect(
                    asked == """
                        127.0.0.1:\(port) /plain.yml Basic YWxpY2U6czMvY3JldA==
                        127.0.0.1:\(port) /elsewhere.yml Basic YWxpY2U6czMvY3JldA==
                        localhost:\(port) /plain.yml -
                        127.0.0.1:\(port) /socket.yml Basic YWxpY2U6czMvY3JldA==

                        """
                )
            }
        }
    }

    @Test("closed descriptors and few of them are errors or nothing, never a trap")
    func descriptors() async throws {
        try await Lab.open { lab in
            try await lab.registry { host in
                let images = try await lab.push("many", to: host, ["--scale", "30"])
                try lab.write("all:\n" + images.values.sorted().map { "- image: \($0)\n" }.joined(), to: "in.yml")
                let closed = try await lab.run(
                    "sh",
                    ["-c", "exec \(Lab.program) pkg -f in.yml -o closed.tar <&- >&- 2>&-"]
                )
                #expect(closed.status == 0)
                #expect(try await lab.kbld("verify", "closed.tar").status == 0)
                let few = try await lab.run(
                    "bash",
                    ["-c", "ulimit -n 64; exec \(Lab.program) pkg -f in.yml -o few.tar"]
                )
                #expect(few.status == 0, "\(few.log)")
                for count in 4...12 {
                    let tooFew = try await lab.run("bash", ["-c", "ulimit -n \(count); exec \(Lab.program) -f in.yml"])
                    #expect(tooFew.status == 1, "\(count): \(tooFew.log)")
                }
            }
        }
    }
}
