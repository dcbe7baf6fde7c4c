import FoundationEssentials
import Subprocess

/// A program `docker-credential-<suffix>` that keeps logins (the docker-credential-helpers protocol).
struct CredentialHelper: Sendable {
    let program: String

    init(suffix: String) { program = "docker-credential-" + suffix }

    private struct Answer: Decodable {
        var username: String
        var secret: String
        enum CodingKeys: String, CodingKey {
            case username = "Username"
            case secret = "Secret"
        }
    }

    private func ask(
        for server: String
    ) async throws -> ExecutionResult<Void, StringOutput<UTF8>, StringOutput<UTF8>> {
        do {
            return try await run(
                .name(program),
                arguments: ["get"],
                input: .string(server),
                output: .string(limit: 1 << 20),
                error: .string(limit: 1 << 16)
            )
        } catch let error as SubprocessError {
            throw CredentialError.helper(program: program, registry: server, reason: "it can't be run (\(error))")
        }
    }

    /// What the helper has for `server`; nil when it says that it has nothing.
    func credential(for server: String) async throws -> Credential? {
        let result = try await ask(for: server)
        let output = result.standardOutput
        guard result.terminationStatus.isSuccess else {
            // The protocol gives these words on standard output, and no other sign, when there is no login.
            if output.contains("credentials not found") { return nil }
            let said = result.standardError.split(separator: "\n").first.map { Secrets().plain(String($0)) }
            throw CredentialError.helper(
                program: program,
                registry: server,
                reason: "it ended with \(result.terminationStatus): \(said ?? "no message")"
            )
        }
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(output.utf8)) else {
            throw CredentialError.helper(program: program, registry: server, reason: "its answer isn't of the protocol")
        }
        guard !answer.username.isEmpty || !answer.secret.isEmpty else { return nil }
        return answer.username == "<token>"
            ? .identityToken(answer.secret, withoutServer: nil)
            : .password(username: answer.username, password: answer.secret)
    }
}
