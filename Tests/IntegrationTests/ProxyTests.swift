import Testing

@Suite("Proxies", .serialized, .needs(.dockerRegistry, .openssl))
struct ProxyTests {
    /// Resolves an image of a registry that is only there behind the proxy.
    private func resolve(
        _ door: Lab.Door,
        _ variables: [String: String],
        flags: [String] = [],
        tunnels status: Int = 200
    ) async throws -> (outcome: Lab.Outcome, log: [String]) {
        try await Lab.open { lab in
            try await lab.registry(door) { backend in
                let proxy = [lab.script("proxy.py"), backend, lab.folder + "/proxy.log", "\(status)"]
                try lab.write("", to: "proxy.log")
                return try await lab.serve("python3", proxy) { port in
                    try lab.write("image: registry.example.test/lib/app:1.0\n", to: "in.yml")
                    let environment = variables.mapValues { $0.replacing("PORT", with: "\(port)") }
                    let arguments = ["-f", "in.yml", "--retries", "0"] + flags
                    let outcome = try await lab.run(Lab.program, arguments, environment: environment)
                    let log = String(decoding: try lab.read("proxy.log"), as: UTF8.self)
                    return (outcome, log.split(separator: "\n").map(String.init))
                }
            }
        }
    }

    @Test("https goes through a proxy's tunnel, with the proxy's own login", arguments: ["HTTPS_PROXY", "https_proxy"])
    func tunnel(variable: String) async throws {
        let address = "http://user:p%40ss@127.0.0.1:PORT"
        let (outcome, log) = try await resolve(.tls, [variable: address], flags: ["--registry-verify-certs=false"])
        // The registry is empty, and its answer came through.
        #expect(outcome.status == 1 && outcome.log.contains("404"), "\(outcome.log)")
        #expect(log.first == "CONNECT registry.example.test:443 HTTP/1.1 Basic dXNlcjpwQHNz", "\(log)")
        #expect(!outcome.log.contains("p%40ss") && !outcome.log.contains("p@ss"))
    }

    @Test("plain http goes through a proxy too, after https failed or was refused", arguments: [200, 502])
    func plain(status: Int) async throws {
        let variables = ["HTTPS_PROXY": "127.0.0.1:PORT", "HTTP_PROXY": "127.0.0.1:PORT"]
        let (outcome, log) = try await resolve(.open, variables, flags: ["--registry-insecure"], tunnels: status)
        #expect(outcome.status == 1 && outcome.log.contains("404"), "\(outcome.log)")
        #expect(log.contains { $0.hasPrefix("CONNECT registry.example.test:443") }, "\(log)")
        #expect(log.contains("HEAD http://registry.example.test/v2/lib/app/manifests/1.0 HTTP/1.1 -"), "\(log)")
    }

    @Test("what a proxy repeats of its login is not shown")
    func repeatedLogin() async throws {
        let address = "http://user:s3cret-pw@127.0.0.1:PORT"
        let variables = ["HTTPS_PROXY": address, "HTTP_PROXY": address]
        let (outcome, log) = try await resolve(.open, variables, flags: ["--registry-insecure"], tunnels: 403)
        #expect(log.allSatisfy { $0.hasSuffix(" Basic dXNlcjpzM2NyZXQtcHc=") }, "\(log)")
        #expect(outcome.status == 1 && outcome.log.contains("DENIED: GET http://registry"), "\(outcome.log)")
        #expect(!outcome.log.contains("dXNlcjpzM2NyZXQtcHc") && !outcome.log.contains("s3cret-pw"), "\(outcome.log)")
    }

    @Test(
        "what is excepted is asked directly",
        arguments: [
            ("other.test, *.example.test", false), ("ample.test, 10.0.0.0/8", true), ("example.test:5000", true),
        ]
    )
    func exceptions(exceptions: String, isProxied: Bool) async throws {
        let variables = ["HTTPS_PROXY": "http://127.0.0.1:PORT", "NO_PROXY": exceptions]
        let (outcome, log) = try await resolve(.tls, variables, flags: ["--registry-verify-certs=false"])
        #expect(outcome.status == 1)
        #expect(log.isEmpty != isProxied, "\(log)")
        #expect(outcome.log.contains("404") == isProxied, "\(outcome.log)")
    }

    @Test("documents at an address come through the proxy too")
    func documents() async throws {
        try await Lab.open { lab in
            try lab.write("kind: Plain\n", to: "plain.yml")
            let server = ["-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", lab.folder]
            let output = try await lab.serve("python3", server) { files in
                try lab.write("", to: "proxy.log")
                let proxy = [lab.script("proxy.py"), "127.0.0.1:\(files)", lab.folder + "/proxy.log"]
                return try await lab.serve("python3", proxy) { port in
                    let environment = ["HTTP_PROXY": "http://127.0.0.1:\(port)"]
                    return try await lab.kbld("-f", "http://files.example.test/plain.yml", environment: environment)
                }
            }
            #expect(output.status == 0 && output.output == "---\nkind: Plain\n", "\(output)")
            #expect(
                String(decoding: try lab.read("proxy.log"), as: UTF8.self)
                    == "GET http://files.example.test/plain.yml HTTP/1.1 -\n"
            )
        }
    }

    @Test("this machine is never asked through a proxy")
    func loopback() async throws {
        try await Lab.open { lab in
            try await lab.registry { host in
                _ = try await lab.push("basic", to: host)
                try lab.write("image: \(host)/lib/app-oci:1.0\n", to: "in.yml")
                let nowhere = ["HTTPS_PROXY": "http://127.0.0.1:1", "HTTP_PROXY": "http://127.0.0.1:1"]
                let outcome = try await lab.kbld("-f", "in.yml", environment: nowhere)
                #expect(outcome.status == 0, "\(outcome.log)")
            }
        }
    }

    @Test(
        "a variable that is not a proxy address is named, and its password is not",
        arguments: ["ftp://a:s3cret@x", "http://"]
    )
    func noAddress(address: String) async throws {
        try await Lab.open { lab in
            try lab.write("image: r.io/x:1\n", to: "in.yml")
            let outcome = try await lab.kbld("-f", "in.yml", environment: ["HTTPS_PROXY": address])
            #expect(outcome.status == 1 && outcome.log.contains("HTTPS_PROXY"), "\(outcome.log)")
            #expect(!outcome.log.contains("s3cret"))
        }
    }
}
