import ContainerImage
import FoundationEssentials
import Packages
import Signatures
import Subprocess
import SystemPackage

/// Signs packages.
public struct PackageSigning: Sendable {
    /// Who signs, and what is said of the package.
    public struct Options: Sendable {
        /// The file of a private key.
        public var key: String?
        /// What opens the key.
        public var passphrase = KeyPassphrase()
        /// A command that gets the bytes to sign and gives a signature, in place of a key.
        public var command: String?
        /// What packages of this kind are called.
        public var name = ""
        /// Which of them is the newer one; nil for the time in seconds.
        public var sequence: Int64?

        /// Creates options that sign nothing.
        public init() {}
    }

    private enum Signer: Sendable {
        case key(SigningKey)
        case command(String)
    }

    private let signer: Signer
    private let options: Options

    /// Reads the key; nil where nothing signs.
    ///
    /// - Throws: `SigningKeyError`, `SignatureFileError`.
    public init?(_ options: Options) throws {
        self.options = options
        if let key = options.key {
            signer = .key(try Self.key(key, options.passphrase))
        } else if let command = options.command {
            signer = .command(command)
        } else {
            return nil
        }
    }

    static func key(_ path: String, _ passphrase: KeyPassphrase) throws -> SigningKey {
        do {
            let bytes = try SmallFile.bytes(of: path, limit: PublicKey.sizeLimit)
            return try passphrase.key(bytes, name: SignatureGate.name(of: path))
        } catch let error as SmallFileError {
            throw SignatureFileError(path: path, reason: error.reason)
        }
    }

    /// Whether a signature with these options says the same as `statement` does.
    func agrees(with statement: PackageStatement) -> Bool {
        options.name == "" || options.name == statement.name
            ? options.sequence == nil || options.sequence == statement.sequence : false
    }

    /// A statement on a package.
    func statement(on seal: PackageSeal, images: [DigestReference], at date: Date) -> PackageStatement {
        PackageStatement(
            name: options.name,
            sequence: options.sequence ?? Int64(date.timeIntervalSince1970),
            createdAt: date.formatted(.iso8601),
            of: seal.manifestName,
            manifest: seal.manifest,
            metadata: seal.metadata,
            images: images.map(\.description).sorted()
        )
    }

    /// `envelope` with one more signature.
    ///
    /// - Throws: `SignCommandError` where a command gives none.
    func sign(_ envelope: PackageEnvelope) async throws -> PackageEnvelope {
        var envelope = envelope
        let message = envelope.envelope.signedBytes
        switch signer {
        case .key(let key): envelope.add(try key.signature(for: message), by: key.publicKey.hint)
        case .command(let command): envelope.add(try await Self.run(command, on: message), by: "")
        }
        return envelope
    }

    private static func run(_ command: String, on message: [UInt8]) async throws -> [UInt8] {
        let result = try await Subprocess.run(
            .path("/bin/sh"),
            arguments: ["-c", command],
            input: .array(message),
            output: .bytes(limit: 1 << 16),
            error: .fileDescriptor(.standardError, closeAfterSpawningProcess: false)
        )
        guard case .exited(0) = result.terminationStatus else {
            throw SignCommandError(command: command, reason: "it failed (\(result.terminationStatus))")
        }
        guard !result.standardOutput.isEmpty else {
            throw SignCommandError(command: command, reason: "it gave no signature")
        }
        return result.standardOutput
    }
}

/// A command that doesn't sign.
struct SignCommandError: Error, CustomStringConvertible {
    let command: String
    let reason: String

    var description: String { "Signing with '\(command)': \(reason)" }
}
