import Testing

@Suite("Authentication", .serialized, .needs(.dockerRegistry, .htpasswd, .openssl, .skopeo))
struct AuthenticationTests {
    /// Runs `body` while a registry asks for tokens; gives what the registry noted.
    private func withTokens(
        _ modes: String...,
        body: @Sendable (_ lab: Lab, _ host: String) async throws -> Void
    ) async throws -> [String] {
        try await Lab.open { lab in
            try await lab.registry { backend in
                _ = try await lab.push("basic", to: backend)
                try lab.write(backend, to: "backend")
                let arguments = [lab.script("token_registry.py"), backend, lab.folder + "/requests.log"]
                try await lab.serve("python3", arguments + modes) { port in
                    try await body(lab, "127.0.0.1:\(port)")
                }
                let text = String(decoding: try lab.read("requests.log"), as: UTF8.self)
                return text.split(separator: "\n").map(String.init)
            }
        }
    }

    private func install(_ lab: Lab, _ host: String) async throws -> String {
        try lab.write("a:\n- image: \(host)/lib/app-oci:1.0\n- image: \(host)/lib/multi\n", to: "in.yml")
        let resolved = try await lab.kbld("-f", "in.yml", "--debug")
        try #require(resolved.status == 0, "\(resolved.log)")
        try lab.write(resolved.output, to: "resolved.yml")
        let packaged = try await lab.kbld("pkg", "-f", "resolved.yml", "-o", "p.tar", "--debug")
        try #require(packaged.status == 0, "\(packaged.log)")
        let unpackage = ["unpkg", "-f", "resolved.yml", "-i", "p.tar", "-r", host + "/moved/app", "--debug"]
        let installed = try await lab.run(Lab.program, unpackage)
        try #require(installed.status == 0, "\(installed.log)")
        return resolved.log + packaged.log + installed.log + resolved.output + installed.output
    }

    @Test("tokens are asked for with the scope that is needed, and shared")
    func tokens() async throws {
        let lines = try await withTokens("password") { lab, host in
            try lab.write(
                #"{"auths":{"\#(host)":{"username":"alice","password":"s3cret"}}}"#,
                to: "home/.docker/config.json"
            )
            let said = try await install(lab, host)
            #expect(!said.contains("s3cret"))
            #expect(!said.contains("token-"))
        }
        let asked = lines.filter { $0.hasPrefix("token ") }
        #expect(asked.contains("token GET repository:lib/app-oci:pull alice:s3cret"))
        #expect(asked.contains("token GET repository:moved/app:pull,push alice:s3cret"))
        // Resolve and package ask once a repository each, unpackage once.
        #expect(asked.count == 5, "\(asked)")
        #expect(lines.filter { $0.hasSuffix(" 401") }.count <= 3)
    }

    @Test("an identity token goes to the token server by POST")
    func identityToken() async throws {
        let lines = try await withTokens("refresh") { lab, host in
            try lab.write(#"{"auths":{"\#(host)":{"identitytoken":"r3fresh"}}}"#, to: "home/.docker/config.json")
            #expect(try await !install(lab, host).contains("r3fresh"))
        }
        #expect(lines.contains("token POST repository:lib/multi:pull r3fresh"))
    }

    @Test("an additional scope that a registry names is asked for, once")
    func furtherScope() async throws {
        let lines = try await withTokens("further") { lab, host in
            try lab.write("image: \(host)/lib/app-oci:1.0\n", to: "in.yml")
            let outcome = try await lab.kbld("-f", "in.yml")
            #expect(outcome.status == 0, "\(outcome.log)")
        }
        #expect(
            lines.filter { $0.hasPrefix("token ") } == [
                "token GET repository:lib/app-oci:pull none",
                "token GET repository:lib/app-oci:pull repository:real:pull none",
            ]
        )
    }

    @Test("a token server that fails is asked as often as --retries says, and no more")
    func brokenTokenServer() async throws {
        let lines = try await withTokens("broken") { lab, host in
            try lab.write("image: \(host)/lib/app-oci:1.0\n", to: "in.yml")
            let outcome = try await lab.kbld("-f", "in.yml", "--retries", "2")
            #expect(outcome.status == 1 && outcome.log.contains("/token: 503"), "\(outcome.log)")
        }
        #expect(lines.filter { $0.hasPrefix("token ") }.count == 3, "\(lines)")
    }

    @Test(
        "repositories of one registry may have logins of their own, in the file or in variables",
        arguments: [true, false]
    )
    func logins(inFile: Bool) async throws {
        _ = try await withTokens("logins") { lab, host in
            let names = ["lib", "other"]
            let backend = String(decoding: try lab.read("backend"), as: UTF8.self)
            for name in names {
                let copy = ["copy", "-q", "--src-tls-verify=false", "--dest-tls-verify=false"]
                let source = "docker://\(backend)/lib/app-oci:1.0"
                try await lab.succeed("skopeo", copy + [source, "docker://\(backend)/\(name)/it:1"])
            }
            var variables: [String: String] = [:]
            var entries: [String] = []
            for name in names {
                variables["KBLD_REGISTRY_HOSTNAME_\(name)"] = "\(host)/\(name)"
                variables["KBLD_REGISTRY_USERNAME_\(name)"] = name
                variables["KBLD_REGISTRY_PASSWORD_\(name)"] = "\(name)-secret"
                entries.append(#""\#(host)/\#(name)":{"username":"\#(name)","password":"\#(name)-secret"}"#)
            }
            if inFile {
                let text = #"{"auths":{\#(entries.joined(separator: ","))}}"#
                try lab.write(text, to: "home/.docker/config.json")
            }
            try lab.write("all:\n" + names.map { "- image: \(host)/\($0)/it:1\n" }.joined(), to: "in.yml")
            let outcome = try await lab.run(Lab.program, ["-f", "in.yml"], environment: inFile ? [:] : variables)
            #expect(outcome.status == 0, "\(outcome.log)")
            try lab.write(outcome.output.split(separator: "metadata:")[0].description, to: "lib.yml")
            let moving = ["relocate", "-f", "lib.yml", "-r", host + "/other/moved"]
            let moved = try await lab.run(Lab.program, moving, environment: inFile ? [:] : variables)
            #expect(moved.status == 0, "\(moved.log)")
        }
    }

    @Test(
        "a registry without a token server gets the password that stands beside an identity token",
        arguments: [true, false]
    )
    func passwordBesideToken(inFile: Bool) async throws {
        try await Lab.open { lab in
            try await lab.registry { plain in
                let image = try #require(try await lab.push("basic", to: plain)["oci"])
                try lab.write("image: \(image)\n", to: "in.yml")
                try await lab.registry(.password) { host in
                    let entry = #"{"auth":"YWxpY2U6czNjcmV0","identitytoken":"r3fresh"}"#
                    if inFile { try lab.write(#"{"auths":{"\#(host)":\#(entry)}}"#, to: "home/.docker/config.json") }
                    let variables = [
                        "KBLD_REGISTRY_HOSTNAME": host, "KBLD_REGISTRY_USERNAME": "alice",
                        "KBLD_REGISTRY_PASSWORD": "s3cret", "KBLD_REGISTRY_IDENTITY_TOKEN": "r3fresh",
                    ]
                    let arguments = ["relocate", "-f", "in.yml", "-r", host + "/moved"]
                    let moved = try await lab.run(Lab.program, arguments, environment: inFile ? [:] : variables)
                    #expect(moved.status == 0, "\(moved.log)")
                    #expect(!moved.log.contains("s3cret") && !moved.log.contains("r3fresh"))
                }
            }
        }
    }

    @Test("docker's configuration is needed only where a registry is asked for something; an empty one has no logins")
    func configuration() async throws {
        try await Lab.open { lab in
            try await lab.registry { host in
                let image = try #require(try await lab.push("basic", to: host)["oci"])
                try lab.write("image: \(image)\n", to: "digest.yml")
                try lab.write("image: \(host)/lib/app-oci:1.0\n", to: "tag.yml")
                try lab.write("", to: "home/.docker/config.json")
                #expect(try await lab.kbld("-f", "tag.yml").status == 0)
                // Nobody asks for a login, so no helper is asked for one.
                try lab.write(#"{"credsStore":"gone"}"#, to: "home/.docker/config.json")
                #expect(try await lab.kbld("-f", "tag.yml").status == 0)
                try lab.write("no JSON", to: "home/.docker/config.json")
                #expect(try await lab.kbld("-f", "digest.yml").status == 0)
                let refused = try await lab.kbld("-f", "tag.yml")
                #expect(refused.status == 1 && refused.output == "")
                #expect(refused.log.contains("config.json': the file is not a valid docker"), "\(refused.log)")
            }
        }
    }

    @Test("a token that expires on the way is renewed")
    func expiry() async throws {
        let lines = try await withTokens("expire") { lab, host in _ = try await install(lab, host) }
        #expect(lines.filter { $0.hasPrefix("token ") }.count > 5)
    }

    @Test("a redirect to another host takes no Authorization along")
    func redirect() async throws {
        let lines = try await withTokens("redirect", "password") { lab, host in
            try lab.write(#"{"auths":{"\#(host)":{"auth":"YWxpY2U6czNjcmV0"}}}"#, to: "home/.docker/config.json")
            _ = try await install(lab, host)
        }
        let storage = lines.filter { $0.hasPrefix("storage ") }
        #expect(!storage.isEmpty)
        #expect(Set(storage) == ["storage none"])
    }

    @Test("a password never goes to a token server over plain http on another host")
    func leak() async throws {
        let lines = try await withTokens("leak", "password") { lab, host in
            try lab.write(#"{"auths":{"\#(host)":{"auth":"YWxpY2U6czNjcmV0"}}}"#, to: "home/.docker/config.json")
            try lab.write("image: \(host)/lib/app-oci:1.0\n", to: "in.yml")
            let outcome = try await lab.kbld("-f", "in.yml")
            #expect(outcome.status == 1)
            #expect(outcome.log.contains("plain http"), "\(outcome.log)")
            #expect(!outcome.log.contains("s3cret"))
        }
        #expect(!lines.contains { $0.hasPrefix("token ") })
    }

    @Test("a wrong password is reported with the reference, and not repeated")
    func wrongPassword() async throws {
        try await Lab.open { lab in
            try await lab.registry(.password) { host in
                try lab.write("image: \(host)/lib/app:1.0\n", to: "in.yml")
                let variables = [
                    "KBLD_REGISTRY_HOSTNAME_1": host, "KBLD_REGISTRY_USERNAME_1": "alice",
                    "KBLD_REGISTRY_PASSWORD_1": "wr0ng",
                ]
                let outcome = try await lab.kbld("-f", "in.yml", environment: variables)
                #expect(outcome.status == 1)
                #expect(outcome.output == "")
                #expect(outcome.log.contains("\(host)/lib/app:1.0") && outcome.log.contains("401"))
                #expect(!outcome.log.contains("wr0ng"))
                let images = (0..<20).map { "image: \(host)/lib/app\($0):1.0\n" }.joined(separator: "---\n")
                try lab.write(images, to: "many.yml")
                let many = try await lab.kbld("-f", "many.yml", "--debug", environment: variables)
                let refused = many.log.split(separator: "\n").filter { $0.contains(": 401, ") }
                #expect(many.status == 1 && refused.count == 2, "one without the login, one with it: \(many.log)")
            }
        }
    }

    @Test("a helper's failure is reported with its name")
    func helper() async throws {
        try await Lab.open { lab in
            try await lab.registry(.password) { host in
                try lab.write("image: \(host)/lib/app:1.0\n", to: "in.yml")
                try lab.write(#"{"credHelpers":{"\#(host)":"nope"}}"#, to: "home/.docker/config.json")
                let outcome = try await lab.kbld("-f", "in.yml")
                #expect(outcome.status == 1)
                #expect(outcome.log.contains("docker-credential-nope"))
            }
        }
    }

    @Test("a helper may print much besides its answer")
    func talkativeHelper() async throws {
        try await Lab.open { lab in
            try await lab.registry(.password) { host in
                try lab.write("image: \(host)/lib/app:1.0\n", to: "in.yml")
                try lab.write(#"{"credsStore":"loud"}"#, to: "home/.docker/config.json")
                let talk = "head -c 200000 /dev/zero | tr '\\0' x >&2"
                let answer = #"echo '{"Username":"alice","Secret":"s3cret"}'"#
                try lab.write("#!/bin/sh\n\(talk)\n\(answer)\n", to: "docker-credential-loud")
                try await lab.succeed("chmod", ["+x", "docker-credential-loud"])
                let path = ["PATH": lab.folder + ":/usr/bin:/bin"]
                let outcome = try await lab.run(Lab.program, ["-f", "in.yml"], environment: path)
                #expect(outcome.log.contains("404"), "\(outcome.log)")
            }
        }
    }

    @Test("a certificate that isn't trusted is reported as that, and its registry is never spoken to by plain http")
    func untrustedCertificate() async throws {
        try await Lab.open { lab in
            try await lab.registry(.tls) { host in
                try lab.write("image: \(host)/lib/app:1.0\n", to: "in.yml")
                let refused = try await lab.kbld("-f", "in.yml")
                #expect(refused.status == 1)
                #expect(refused.log.contains("--registry-ca-cert-path") && refused.log.contains("https://\(host)"))
                let trusted = try await lab.kbld("-f", "in.yml", "--registry-ca-cert-path", "ca.pem")
                #expect(trusted.log.contains("404"), "\(trusted.log)")
                let unchecked = try await lab.kbld("-f", "in.yml", "--registry-verify-certs=false")
                #expect(unchecked.log.contains("404"), "\(unchecked.log)")
            }
        }
    }
}
