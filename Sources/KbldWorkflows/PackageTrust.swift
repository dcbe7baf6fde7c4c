import ContainerImage
import FoundationEssentials
import LocalFiles
import Packages
import Signatures

/// Lets packages through that certain keys signed, and none that is older than what there was.
public struct PackageTrust: Sendable {
    /// Whose packages are taken.
    public struct Options: Sendable {
        /// Files of public keys.
        public var keys: [String] = []
        /// How many of them must have signed a package.
        public var threshold = 1
        /// A file of what has been installed, if older packages are refused.
        public var state: String?
        /// Whether an older package is taken all the same.
        public var allowsOlder = false

        /// Creates options that ask for nothing.
        public init() {}
    }

    /// A package that was let through.
    struct Trusted: Sendable {
        let statement: PackageStatement
        let signers: [PublicKey]
    }

    private let keys: [PublicKey]
    private let options: Options

    /// Reads the keys, and makes sure that the state can be written; nil where nothing is asked for.
    ///
    /// - Throws: `PublicKeyError`, `SignatureFileError`; `TextFileError` naming the state.
    public init?(_ options: Options) throws {
        guard !options.keys.isEmpty else { return nil }
        try TextFile.check(options.state)
        keys = try SignatureGate.keys(options.keys)
        self.options = options
    }

    /// Lets a package through, with a line on who signed it.
    ///
    /// - Parameters:
    ///   - seal: What is to be signed; nil for a package that can't be.
    ///   - path: The package.
    /// - Throws: `PackageTrustError`.
    func check(_ seal: PackageSeal?, of path: String, log: LogSink) throws -> Trusted {
        func refusal(_ reason: String) -> PackageTrustError { PackageTrustError(path: path, reason: reason) }
        guard let seal else { throw refusal("only kbld's own tarballs and OCI layouts are signed as a whole") }
        guard let bytes = try seal.signature ?? Self.detached(of: path) else {
            throw refusal(
                "it is not signed: it has no '\(PackageSeal.entryName)', and there is no "
                    + "'\(DetachedSignature.path(of: path))'"
            )
        }
        let envelope: PackageEnvelope
        do throws(SignatureContentError) {
            envelope = try PackageEnvelope(bytes)
        } catch {
            throw refusal("its signature can't be read: \(error)")
        }
        let statement = envelope.statement
        guard (statement.manifestName, statement.manifest) == (seal.manifestName, seal.manifest) else {
            throw refusal(
                "signed is the \(statement.manifestName) \(statement.manifest), this is the \(seal.manifestName) "
                    + "\(seal.manifest)"
            )
        }
        guard statement.metadata == seal.metadata else {
            let (signed, found) = (statement.metadata?.description ?? "none", seal.metadata?.description ?? "none")
            throw refusal("signed are the notes \(signed), these are \(found)")
        }
        let signers = envelope.signers(among: keys)
        guard signers.count >= options.threshold else {
            let claimed =
                envelope.claimedKeys.isEmpty ? "" : ": \(envelope.claimedKeys.prefix(5).joined(separator: ", "))"
            throw refusal(
                "looked for \(Count.text(options.threshold, "signature")) by "
                    + "\(keys.map(\.name).joined(separator: options.threshold == 1 ? " or " : ", ")); found "
                    + (signers.isEmpty
                        ? "\(Count.text(envelope.envelope.signatures.count, "signature")) by other keys\(claimed)"
                        : "only \(signers.map(\.name).joined(separator: ", "))")
            )
        }
        try checkAge(of: statement, refusal)
        let name = statement.name.isEmpty ? "" : " '\(statement.name)'"
        log("package\(name) signed by \(signers.map(\.name).joined(separator: ", ")), sequence \(statement.sequence)")
        return Trusted(statement: statement, signers: signers)
    }

    private static func detached(of path: String) throws -> [UInt8]? {
        let place = DetachedSignature.path(of: path)
        guard !PackagePath.isStream(path), FileManager.default.fileExists(atPath: place) else { return nil }
        do {
            return try SmallFile.bytes(of: place, limit: PackageEnvelope.sizeLimit)
        } catch {
            throw SignatureFileError(path: place, reason: error.reason)
        }
    }

    private func checkAge(of statement: PackageStatement, _ refusal: (String) -> PackageTrustError) throws {
        guard let path = options.state, let known = try PackageState(path: path).packages[statement.name] else {
            return
        }
        guard !options.allowsOlder else { return }
        guard statement.sequence >= known.sequence else {
            throw refusal(
                "it is older than what was installed: its sequence is \(statement.sequence), not \(known.sequence)"
            )
        }
        guard statement.sequence > known.sequence || statement.manifest.description == known.manifest else {
            throw refusal("another package of the same sequence, \(statement.sequence), was installed")
        }
    }

    /// Notes that a package was installed.
    ///
    /// - Throws: `TextFileError` or `PackageStateError` naming the state.
    func record(_ trusted: Trusted) throws {
        guard let path = options.state else { return }
        var state = try PackageState(path: path)
        let (name, statement) = (trusted.statement.name, trusted.statement)
        // What was installed with leave to be older doesn't make others newer.
        if let known = state.packages[name], known.sequence > statement.sequence { return }
        state.packages[name] = PackageState.Entry(
            sequence: statement.sequence,
            manifest: statement.manifest.description
        )
        try state.write(to: path)
    }
}

/// What has been installed, by the packages' names.
private struct PackageState: Codable {
    struct Entry: Codable {
        var sequence: Int64
        var manifest: String
    }

    var packages: [String: Entry]

    private static let sizeLimit = 16 << 20

    /// Reads the file at `path`; nothing was installed where there is none yet.
    init(path: String) throws {
        guard FileManager.default.fileExists(atPath: path) else {
            packages = [:]
            return
        }
        do {
            let bytes = try SmallFile.bytes(of: path, limit: Self.sizeLimit)
            self = try JSONDecoder().decode(Self.self, from: Data(bytes))
        } catch {
            let reason = (error as? SmallFileError)?.reason ?? "it is not JSON of installed packages"
            throw PackageStateError(path: path, reason: reason)
        }
    }

    func write(to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try TextFile.write(String(decoding: try encoder.encode(self), as: UTF8.self) + "\n", to: path)
    }
}

/// A package that isn't let through.
struct PackageTrustError: Error, CustomStringConvertible {
    let path: String
    let reason: String

    var description: String { "The package '\(path)' is not trusted: \(reason)" }
}

/// A state that can't be read. It isn't begun anew: that would let older packages through.
struct PackageStateError: Error, CustomStringConvertible {
    let path: String
    let reason: String

    var description: String { "Reading the state '\(path)': \(reason)" }
}
