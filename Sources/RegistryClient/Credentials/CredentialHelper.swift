import FoundationEssentials
import Subprocess
import SystemPackage

/// A program `docker-credential-<suffix>` that keeps logins (the docker-credential-helpers protocol).
struct CredentialHelper: Sendable {
    let program: String

    init(suffix: String) { program = "docker-credential-" + suffix }

    /// What the helper has for `server`; nil when it says that it has nothing.
    ///
    /// - Throws: `CredentialError.helper`.
    func credential(for server: String) async throws -> Credential? {
        let result = try await ask(for: server)
        let output = result.standardOutput
        guard result.terminationStatus.isSuccess else {
            if CredentialHelperAnswer.saysNotFound(output) { return nil }
            let said = result.standardError.split(separator: "\n").first.map { Secrets().redacted(String($0)) }
            let status =
                switch result.terminationStatus {
                case .exited(let code): "exit status \(code)"
                case .signaled(let signal): "signal \(signal)"
                }
            throw failure(server, "it failed with \(status): \(said ?? "no message")")
        }
        switch CredentialHelperAnswer(output) {
        case .credential(let credential): return credential
        case .nothing: return nil
        case .malformed: throw failure(server, "its output does not follow the credential helper protocol")
        }
    }

    /// Gives the helper a login to keep for `server`.
    ///
    /// - Throws: `CredentialError.helper`, which never has the secret in it.
    func store(username: String, password: String, for server: String) async throws {
        let login = Login(server: server, username: username, secret: password)
        let text = String(decoding: (try? JSONEncoder().encode(login)) ?? Data(), as: UTF8.self)
        guard text.utf8.count <= Self.inputLimit else { throw failure(server, "the login is too long for it") }
        let result = try await ask("store", for: server, giving: text)
        guard result.terminationStatus.isSuccess else {
            throw failure(server, "it failed with \(result.terminationStatus) and stored nothing")
        }
    }

    /// Makes the helper forget the login for `server`.
    ///
    /// - Returns: Whether it had one.
    /// - Throws: `CredentialError.helper`.
    func erase(_ server: String) async throws -> Bool {
        let result = try await ask("erase", for: server, giving: server)
        guard !result.terminationStatus.isSuccess else { return true }
        guard CredentialHelperAnswer.saysNotFound(result.standardOutput) else {
            throw failure(server, "it failed with \(result.terminationStatus) and may have kept the login")
        }
        return false
    }

    private struct Login: Encodable {
        let server: String
        let username: String
        let secret: String
        enum CodingKeys: String, CodingKey {
            case server = "ServerURL"
            case username = "Username"
            case secret = "Secret"
        }
    }

    /// What a pipe holds while nobody reads, in bytes.
    private static let inputLimit = 60 << 10

    private func ask(
        _ action: String = "get",
        for server: String,
        giving text: String? = nil
    ) async throws -> ExecutionResult<Void, StringOutput<UTF8>, StringOutput<UTF8>> {
        let input: FileDescriptor
        do {
            input = try Self.pipe(holding: text ?? server)
        } catch {
            throw failure(server, "it can't be given the registry's name (\(error))")
        }
        defer { try? input.close() }
        do {
            return try await run(
                .name(program),
                arguments: [action],
                input: .fileDescriptor(input, closeAfterSpawningProcess: false),
                output: .string(limit: 1 << 20),
                error: .string(limit: 1 << 24)
            )
        } catch let error as SubprocessError where error.code == .outputLimitExceeded {
            throw failure(server, "its output is too long")
        } catch let error as SubprocessError {
            throw failure(server, "it can't be run (\(error))")
        }
    }

    /// The reading end of a pipe with `text` in it. Many helpers end without reading, or close their input: nothing is
    /// written while they run, so nothing fails. A name, or a login, is shorter than what a pipe holds.
    private static func pipe(holding text: String) throws -> FileDescriptor {
        let (input, output) = try FileDescriptor.pipe()
        do {
            try output.closeAfter { _ = try output.writeAll(text.utf8) }
            return input
        } catch {
            try? input.close()
            throw error
        }
    }

    private func failure(_ server: String, _ reason: String) -> CredentialError {
        .helper(program: program, registry: server, reason: reason)
    }
}
