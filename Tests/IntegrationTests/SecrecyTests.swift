import FoundationEssentials
import Testing

@Suite("Secrets and certificates", .serialized, .needs(.dockerRegistry, .openssl))
struct SecrecyTests {
    /// Certificates of an authority `ca.pem`: `NAME.pem` and `NAME.key`.
    private func certificate(_ lab: Lab, _ name: String, days: Int, names: String) async throws {
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        if try !lab.files().contains("ca.pem") {
            try await lab.succeed(
                "openssl",
                ["req", "-x509"] + key + [
                    "-days", "3", "-subj", "/CN=lab authority", "-keyout", "ca.key", "-out", "ca.pem",
                ]
            )
        }
        try lab.write("subjectAltName=" + names, to: "names.cnf")
        try await lab.succeed(
            "openssl",
            ["req"] + key + ["-subj", "/CN=\(name) host", "-keyout", name + ".key", "-out", name + ".csr"]
        )
        try await lab.succeed(
            "openssl",
            ["x509", "-req", "-in", name + ".csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial"]
                + ["-days", "\(days)", "-extfile", "names.cnf", "-out", name + ".pem"]
        )
    }

    private func files(_ lab: Lab, _ name: String) -> [String] {
        ["\(lab.folder)/\(name).pem", "\(lab.folder)/\(name).key"]
    }

    @Test(
        "what is wrong with a certificate is reported, with the flag that helps",
        arguments: [
            (
                "expired", -1, "IP:127.0.0.1", ["expired on 20", "have it renewed", "--registry-verify-certs=false"],
                true
            ),
            (
                "other", 2, "DNS:elsewhere.example.com",
                ["for another host (elsewhere.example.com)", "not for 127.0.0.1"], true
            ),
            (
                "unknown", 2, "IP:127.0.0.1",
                ["authority that is not trusted (lab authority)", "--registry-ca-cert-path"], false
            ),
        ]
    )
    func certificates(name: String, days: Int, names: String, words: [String], trusts: Bool) async throws {
        try await Lab.open { lab in
            try await lab.registry { backend in
                _ = try await lab.push("basic", to: backend)
                try await certificate(lab, name, days: days, names: names)
                try await lab.faulty(backend, [], tls: files(lab, name)) { host in
                    try lab.write("image: \(host)/lib/app-oci:1.0\n", to: "in.yml")
                    let trust = trusts ? ["--registry-ca-cert-path", "ca.pem"] : []
                    let refused = try await lab.run(Lab.program, ["-f", "in.yml"] + trust)
                    #expect(refused.status == 1)
                    for word in words + ["https://" + host] { #expect(refused.log.contains(word), "\(refused.log)") }
                    #expect(try lab.requests() == [], "nothing is asked of it, over plain http neither")
                    let unchecked = try await lab.kbld("-f", "in.yml", "--registry-verify-certs=false")
                    #expect(unchecked.status == 0, "\(unchecked.log)")
                    if !trusts {
                        let trusted = try await lab.kbld("-f", "in.yml", "--registry-ca-cert-path", "ca.pem")
                        #expect(trusted.status == 0, "\(trusted.log)")
                    }
                }
            }
        }
    }

    @Test("an expired authority between the registry and a trusted one is reported")
    func expiredAuthority() async throws {
        try await Lab.open { lab in
            try await certificate(lab, "good", days: 2, names: "IP:127.0.0.1")
            try lab.write("basicConstraints=critical,CA:TRUE\n", to: "authority.cnf")
            let signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", "authority.cnf"]
            let old = ["x509", "-req", "-in", "good.csr"] + signed
            try await lab.succeed("openssl", old + ["-days", "-1", "-out", "between.pem"])
            let leaf = ["x509", "-req", "-in", "good.csr", "-extfile", "names.cnf", "-days", "2", "-out", "leaf.pem"]
            try await lab.succeed("openssl", leaf + ["-CA", "between.pem", "-CAkey", "good.key", "-CAcreateserial"])
            let chain = try lab.read("leaf.pem") + lab.read("between.pem")
            try lab.write(String(decoding: chain, as: UTF8.self), to: "good.pem")
            try await lab.faulty("127.0.0.1:1", [], tls: files(lab, "good")) { host in
                try lab.write("image: \(host)/lib/app:1.0\n", to: "in.yml")
                let outcome = try await lab.kbld("-f", "in.yml", "--registry-ca-cert-path", "ca.pem")
                #expect(outcome.status == 1)
                #expect(outcome.log.contains("an authority (good host) that expired on 20"), "\(outcome.log)")
            }
        }
    }

    @Test("trust begins at a root: a registry's certificate that another one signed doesn't do alone")
    func trustWithoutRoot() async throws {
        try await Lab.open { lab in
            try await certificate(lab, "good", days: 2, names: "IP:127.0.0.1")
            try await lab.faulty("127.0.0.1:1", [], tls: files(lab, "good")) { host in
                try lab.write("image: \(host)/lib/app:1.0\n", to: "in.yml")
                let outcome = try await lab.kbld("-f", "in.yml", "--registry-ca-cert-path", "good.pem")
                #expect(outcome.status == 1)
                #expect(outcome.log.contains("authority that is not trusted (lab authority)"), "\(outcome.log)")
                #expect(try lab.requests() == [])
            }
        }
    }

    @Test("a registry that speaks no TLS 1.2 is not spoken to, over plain http neither")
    func oldTLS() async throws {
        try await Lab.open { lab in
            try await certificate(lab, "old", days: 2, names: "IP:127.0.0.1")
            let server = ["s_server", "-accept", "127.0.0.1:0", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0", "-quiet"]
            let files = files(lab, "old")
            try await lab.serve("openssl", server + ["-cert", files[0], "-key", files[1]]) { port in
                try lab.write("image: 127.0.0.1:\(port)/lib/app:1.0\n", to: "in.yml")
                let outcome = try await lab.kbld("-f", "in.yml", "--registry-ca-cert-path", "ca.pem", "--retries", "0")
                #expect(outcome.status == 1)
                #expect(outcome.log.contains("does not support TLS 1.2 or later"), "\(outcome.log)")
            }
        }
    }

    @Test("from https nothing leads to plain http: no redirect, no token server, no upload")
    func noDowngrade() async throws {
        try await Lab.open { lab in
            try await lab.registry { backend in
                let images = try await lab.push("basic", to: backend)
                try lab.write(#"{"auths":{"127.0.0.1":{"auth":"YWxpY2U6czNjcmV0"}}}"#, to: "home/.docker/config.json")
                try await certificate(lab, "good", days: 2, names: "IP:127.0.0.1")
                let realm = #""headers":{"WWW-Authenticate":"Bearer realm=\"http://127.0.0.1:1/token\""}"#
                let faults: [(Fault, String)] = [
                    (
                        Fault("redirect", "GET", "/blobs/", times: -1, #""location":"http://localhost:1{path}""#),
                        "plain http"
                    ),
                    (.status(401, "GET", "/manifests/", times: -1, realm), "token"),
                ]
                for (fault, word) in faults {
                    try await lab.faulty(backend, [fault], tls: files(lab, "good")) { host in
                        let reference = try #require(images["oci"]).replacing(backend, with: host)
                        try lab.write("image: \(reference)\n", to: "in.yml")
                        let variables = [
                            "KBLD_REGISTRY_HOSTNAME": host, "KBLD_REGISTRY_USERNAME": "alice",
                            "KBLD_REGISTRY_PASSWORD": "s3cret",
                        ]
                        let arguments = [
                            "pkg", "-f", "in.yml", "-o", "p.tar", "--registry-ca-cert-path", "ca.pem", "--retries", "0",
                        ]
                        let outcome = try await lab.run(Lab.program, arguments, environment: variables)
                        #expect(outcome.status == 1)
                        #expect(outcome.log.contains(word), "\(outcome.log)")
                        #expect(!outcome.log.contains("s3cret") && !outcome.log.contains("YWxpY2U6czNjcmV0"))
                    }
                }
            }
        }
    }

    @Test("a registry that repeats what it was sent makes no secret appear, and sends nothing that a terminal obeys")
    func repeatedSecret() async throws {
        try await Lab.open { lab in
            try await lab.registry { backend in
                _ = try await lab.push("basic", to: backend)
                let challenge = #""headers":{"WWW-Authenticate":"Basic realm=\"lab\""}"#
                let login = "YWxpY2U6czNjcmV0IG9uZSs="
                let words = #"you sent Basic \#(login) alice:s3cret one+ or s3cret%20one%2B \\u001b[31m here"#
                let body = #""body":"{\"errors\":[{\"code\":\"DENIED\",\"message\":\"\#(words)\"}]}""#
                let faults = [
                    Fault.status(401, "HEAD", "", challenge), .status(403, "HEAD", "", times: -1, body),
                    .status(403, "GET", "", times: -1, body),
                ]
                try await lab.faulty(backend, faults) { host in
                    try lab.write(
                        #"{"auths":{"\#(host)":{"auth":"\#(login)"}}}"#,
                        to: "home/.docker/config.json"
                    )
                    try lab.write("image: \(host)/lib/app-oci:1.0\n", to: "in.yml")
                    let outcome = try await lab.kbld("-f", "in.yml")
                    #expect(outcome.status == 1)
                    #expect(outcome.log.contains("DENIED: you sent Basic … … or …"), "\(outcome.log)")
                    #expect(!outcome.log.contains("YWxpY2U6") && !outcome.log.contains("s3cret"))
                    #expect(!outcome.log.contains("\u{1B}"))
                    let sent = try lab.requests().filter { $0.hasSuffix("Basic_" + login) }
                    #expect(!sent.isEmpty)
                }
            }
        }
    }
}
