import LocalFiles
import Signatures
import Subprocess
import SystemPackage

/// A command that signs: for keys that no file has.
struct SignCommand: Sendable {
    let text: String
    /// The key that it is expected to sign by; nil where that isn't known.
    let publicKey: PublicKey?
    /// Where what is signed is kept meanwhile.
    let temporaryFolder: String?

    /// The longest output that is read, in bytes.
    private static let outputLimit = 1 << 16

    /// The signature of `message`, which is checked where the key is known.
    ///
    /// - Throws: `SignCommandError`.
    func signature(of message: [UInt8]) async throws -> [UInt8] {
        let output = try await run(on: message)
        let signature: [UInt8]
        do throws(SignatureContentError) {
            signature = try PrintedSignature(output).bytes
        } catch {
            throw SignCommandError(command: text, reason: .noSignature("\(error)"))
        }
        if let publicKey, !publicKey.isValid(signature, for: message) {
            throw SignCommandError(command: text, reason: .otherKey(publicKey))
        }
        return signature
    }

    private func run(on message: [UInt8]) async throws -> [UInt8] {
        let input: FileDescriptor
        do {
            input = try file(with: message)
        } catch {
            throw SignCommandError(command: text, reason: .temporaryFile("\(error)"))
        }
        defer { try? input.close() }
        do {
            let result = try await Subprocess.run(
                .path("/bin/sh"),
                arguments: ["-c", text],
                input: .fileDescriptor(input, closeAfterSpawningProcess: false),
                output: .bytes(limit: Self.outputLimit),
                error: .fileDescriptor(.standardError, closeAfterSpawningProcess: false)
            )
            switch result.terminationStatus {
            case .exited(0): return result.standardOutput
            case .exited(let status): throw SignCommandError(command: text, reason: .exit(Int(status)))
            case .signaled(let signal): throw SignCommandError(command: text, reason: .signal(Int(signal)))
            }
        } catch let error as SubprocessError where error.code == .outputLimitExceeded {
            throw SignCommandError(
                command: text,
                reason: .noSignature("it printed more than \(Self.outputLimit >> 10) KiB")
            )
        }
    }

    /// The beginning of a file with `message`: a command may end without reading it, and then nothing fails.
    private func file(with message: [UInt8]) throws -> FileDescriptor {
        let file = try NamelessFile.open(in: FilePath(temporaryFolder ?? NamelessFile.defaultFolder))
        do {
            try file.writeAll(message)
            try file.seek(offset: 0, from: .start)
            return file
        } catch {
            try? file.close()
            throw error
        }
    }
}

/// A command that doesn't sign.
struct SignCommandError: Error, CustomStringConvertible {
    enum Reason {
        /// It ended with this status.
        case exit(Int)
        /// This signal ended it.
        case signal(Int)
        /// What it printed can't be a signature.
        case noSignature(String)
        /// It signed by another key.
        case otherKey(PublicKey)
        /// What is to be signed can't be given to it.
        case temporaryFile(String)
    }

    let command: String
    let reason: Reason

    var description: String { "Signing with '\(program)': \(explanation)" }

    /// What is run: its arguments may have a PIN among them.
    private var program: String {
        let words = command.split(whereSeparator: \.isWhitespace)
        return (words.first.map(String.init) ?? "") + (words.count > 1 ? " …" : "")
    }

    private var explanation: String {
        switch reason {
        case .exit(let status): "it failed with exit status \(status)"
        case .signal(let signal): "it was ended by signal \(signal)"
        case .noSignature(let reason): "\(reason)"
        case .otherKey(let key):
            "what it gave is not a signature by '\(key.name)' (\(key.fingerprint)) of what it got on standard input; does "
                + "it use another key, or sign something else? Signatures by ECDSA must be in DER"
        case .temporaryFile(let reason): "writing what is to be signed to a temporary file: \(reason)"
        }
    }
}
