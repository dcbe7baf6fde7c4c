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
            throw failure(server, .get, Self.words(for: result))
        }
        switch CredentialHelperAnswer(output) {
        case .credential(let credential): return credential
        case .nothing: return nil
        case .malformed: throw failure(server, .get, "its output does not follow the credential helper protocol")
        }
    }

    /// Gives the helper a login to keep for `server`.
    ///
    /// - Throws: `CredentialError.helper`, which never has the secret in it.
    func store(username: String, password: String, for server: String) async throws {
        let login = Login(server: server, username: username, secret: password)
        let text = String(decoding: (try? JSONEncoder().encode(login)) ?? Data(), as: UTF8.self)
        guard text.utf8.count <= Self.inputLimit else { throw failure(server, .store, "the login is too long for it") }
        let result = try await ask(.store, for: server, giving: text)
        guard result.terminationStatus.isSuccess else {
            let secrets = Secrets(.password(username: username, password: password))
            throw failure(server, .store, Self.words(for: result, without: secrets))
        }
    }

    /// Makes the helper forget the login for `server`.
    ///
    /// - Returns: Whether it had one.
    /// - Throws: `CredentialError.helper`.
    func erase(_ server: String) async throws -> Bool {
        let result = try await ask(.erase, for: server, giving: server)
        guard !result.terminationStatus.isSuccess else { return true }
        guard CredentialHelperAnswer.saysNotFound(result.standardOutput) else {
            throw failure(server, .erase, Self.words(for: result))
        }
        return false
    }

    private typealias Result = ExecutionResult<Void, StringOutput<UTF8>, StringOutput<UTF8>>

    /// How a helper failed, with the first line that it wrote. Docker's own write on standard output.
    private static func words(for result: Result, without secrets: Secrets = Secrets()) -> String {
        // What looks like an answer may have a secret in it.
        let output = result.standardOutput.contains("{") ? "" : result.standardOutput
        let lines = (result.standardError + "\n" + output).split(separator: "\n")
        let said = lines.first { $0.contains { !$0.isWhitespace } }.map { secrets.redacted(String($0)) }
        let status =
            switch result.terminationStatus {
            case .exited(let code): "exit status \(code)"
            case .signaled(let signal): "signal \(signal)"
            }
        return "it failed with \(status): \(said ?? "no message")"
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
        _ action: CredentialError.HelperAction = .get,
        for server: String,
        giving text: String? = nil
    ) async throws -> Result {
        let input: FileDescriptor
        do {
            input = try Self.pipe(holding: text ?? server)
        } catch {
            throw failure(server, action, "it can't be given the registry's name (\(error))")
        }
        defer { try? input.close() }
        do {
            return try await run(
                .name(program),
                arguments: [action.rawValue],
                input: .fileDescriptor(input, closeAfterSpawningProcess: false),
                output: .string(limit: 1 << 20),
                error: .string(limit: 1 << 24)
            )
        } catch let error as SubprocessError where error.code == .outputLimitExceeded {
            throw failure(server, action, "its output is too long")
        } catch let error as SubprocessError {
            throw failure(server, action, "it can't be run (\(error))")
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

    private func failure(
        _ server: String,
        _ action: CredentialError.HelperAction,
        _ reason: String
    ) -> CredentialError {
        .helper(program: program, action, registry: server, reason: reason)
    }
}
