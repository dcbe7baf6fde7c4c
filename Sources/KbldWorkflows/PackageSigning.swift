import ContainerImage
import FoundationEssentials
import Packages
import Signatures

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
        /// The file of the public key that the command signs by; nil where what it gives isn't checked.
        public var publicKey: String?
        /// What packages of this kind are called.
        public var name = ""
        /// Which of them is the newer one; nil for the time in seconds.
        public var sequence: Int64?

        /// Creates options that sign nothing.
        public init() {}
    }

    private enum Signer: Sendable {
        case key(SigningKey)
        case command(SignCommand)
    }

    /// The longest signature that a command gives by a key that isn't known, in bytes.
    private static let longestSignature = 2048

    private let signer: Signer
    private let options: Options

    /// Reads the key; nil where nothing signs.
    ///
    /// - Parameter temporaryFolder: Where a command's input is kept; nil for the folder of temporary files.
    /// - Throws: `SigningKeyError`, `PublicKeyError`, `SignatureFileError`.
    public init?(_ options: Options, temporaryFolder: String? = nil) throws {
        self.options = options
        if let key = options.key {
            signer = .key(try Self.key(key, options.passphrase))
        } else if let command = options.command {
            let keys = try SignatureGate.keys(options.publicKey.map { [$0] } ?? [])
            signer = .command(SignCommand(text: command, publicKey: keys.first, temporaryFolder: temporaryFolder))
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

    /// The key that signs; nil where a command does by one that isn't known.
    private var publicKey: PublicKey? {
        switch signer {
        case .key(let key): key.publicKey
        case .command(let command): command.publicKey
        }
    }

    /// How long an envelope of `statement` with a signature is at most, in bytes.
    func longestEnvelope(of statement: PackageStatement) throws -> Int {
        let count = publicKey?.longestSignature ?? Self.longestSignature
        var envelope = try PackageEnvelope(statement)
        envelope.add([UInt8](repeating: 0xFF, count: count), by: publicKey?.hint ?? "")
        return try envelope.encoded().count
    }

    /// What an earlier run signed by the same key, where it is `statement`, or that of an earlier time if `statement` is of
    /// the present; else nil.
    func earlier(_ signature: [UInt8], saying statement: PackageStatement, ofPresent isPresent: Bool)
        -> PackageStatement?
    {
        guard let publicKey, let envelope = try? PackageEnvelope(signature),
            envelope.envelope.signatures.count == 1, envelope.signers(among: [publicKey]).count == 1
        else { return nil }
        let said = envelope.statement
        var expected = statement
        if isPresent {
            expected.createdAt = said.createdAt
            // A clock that was ahead isn't believed a second time.
            if options.sequence == nil { expected.sequence = min(said.sequence, statement.sequence) }
        }
        return said == expected ? said : nil
    }

    /// `envelope` with one more signature.
    ///
    /// - Throws: `SignCommandError` where a command gives none that may be one.
    func sign(_ envelope: PackageEnvelope) async throws -> PackageEnvelope {
        var envelope = envelope
        let message = envelope.envelope.signedBytes
        switch signer {
        case .key(let key): envelope.add(try key.signature(for: message), by: key.publicKey.hint)
        case .command(let command):
            envelope.add(try await command.signature(of: message), by: command.publicKey?.hint ?? "")
        }
        return envelope
    }
}
