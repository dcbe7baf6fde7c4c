import FoundationEssentials
import Testing

@Suite("What works with a registry", .serialized, .needs(.dockerRegistry, .htpasswd, .openssl))
struct DoctorTests {
    private struct Result: Decodable {
        struct Check: Decodable {
            var check: String
            var outcome: String
            var detail: String
        }
        var checks: [Check]
    }

    /// The outcomes by what was tried.
    private func outcomes(_ outcome: Lab.Outcome) throws -> [String: String] {
        let result = try JSONDecoder().decode(Result.self, from: Data(outcome.output.utf8))
        return Dictionary(result.checks.map { ($0.check, $0.outcome) }) { first, _ in first }
    }

    @Test("an open registry is well; without --push nothing is uploaded")
    func open() async throws {
        try await Lab.open { lab in
            try await lab.registry { host in
                let plain = try await lab.kbld("doctor", "\(host)/app", "--json")
                let outcomes = try outcomes(plain)
                #expect(plain.status == 0 && outcomes.count == 9, "\(plain.output)\(plain.log)")
                #expect(outcomes["push"] == "skipped" && outcomes["pull"] == "ok" && outcomes["tls"] == "skipped")
                #expect(plain.output.contains("add --push"))
                let pushed = try await lab.kbld("doctor", "\(host)/app", "--push")
                #expect(pushed.status == 0 && pushed.output.contains("ok       push"), "\(pushed.output)")
                #expect(pushed.output.split(separator: "\n").count == 9)
            }
        }
    }

    @Test("a login that is missing or wrong fails, and what needs it is skipped")
    func login() async throws {
        try await Lab.open { lab in
            try await lab.registry(.password) { host in
                let outcome = try await lab.kbld("doctor", "\(host)/app", "--push", "--json")
                let outcomes = try outcomes(outcome)
                #expect(outcome.status == 1 && outcomes["login"] == "failed", "\(outcome.output)")
                #expect(outcomes["api"] == "ok" && outcomes["pull"] == "skipped" && outcomes["push"] == "skipped")
                let variables = [
                    "KBLD_REGISTRY_HOSTNAME": host, "KBLD_REGISTRY_USERNAME": "alice",
                    "KBLD_REGISTRY_PASSWORD": "s3cret",
                ]
                let right = try await lab.kbld("doctor", "\(host)/app", "--push", environment: variables)
                #expect(right.status == 0 && right.output.contains("accepted user 'alice'"), "\(right.output)")
                #expect(!right.output.contains("s3cret"))
            }
        }
    }

    @Test("a certificate is told with its end, and one that isn't trusted with what helps")
    func certificates() async throws {
        try await Lab.open { lab in
            try await lab.registry(.tls) { host in
                let strange = try await lab.kbld("doctor", host)
                #expect(strange.status == 1 && strange.output.contains("failed   api"), "\(strange.output)")
                #expect(strange.output.contains("failed   tls") && strange.output.contains("--registry-ca-cert-path"))
                let unchecked = try await lab.kbld("doctor", host, "--registry-verify-certs=false")
                #expect(unchecked.output.contains(", not verified"), "\(unchecked.output)")
                let trusted = try await lab.kbld("doctor", host, "--registry-ca-cert-path", "ca.pem")
                #expect(trusted.status == 0, "\(trusted.output)")
                #expect(
                    trusted.output.contains("ok       tls         for localhost, registry.lab, 127.0.0.1, valid until")
                )
            }
        }
    }

    @Test("a name that nobody knows and a port where nobody listens")
    func unreachable() async throws {
        try await Lab.open { lab in
            let name = try await lab.kbld("doctor", "registry.invalid", "--json")
            #expect(try name.status == 1 && outcomes(name)["name"] == "failed", "\(name.output)")
            #expect(try outcomes(name)["api"] == "skipped")
            let port = try await lab.kbld("doctor", "127.0.0.1:1", "--json")
            #expect(try port.status == 1 && outcomes(port)["connection"] == "failed", "\(port.output)")
            let usage = try await lab.kbld("doctor", "127.0.0.1:1", "--push")
            #expect(usage.status == 1 && usage.log.contains("--push needs a repository"), "\(usage.log)")
        }
    }
}
