import Algorithms
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
        /// What is kept of it once it is installed.
        let entry: PackageState.Entry
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

    /// Lets a package through, with a line on who signed it. Volumes of one are signed each by itself.
    ///
    /// - Parameters:
    ///   - files: The package, or its volumes, and what is to be signed of each; nil for what can't be.
    ///   - metadata: What the package says of its images.
    ///   - isStream: Whether nothing can be beside the package.
    /// - Throws: `PackageTrustError`.
    func check(
        _ files: [(path: String, seal: PackageSeal?)],
        _ metadata: PackageMetadata,
        isStream: Bool = false,
        log: LogSink
    ) throws -> Trusted {
        var trusted: [Trusted] = []
        for (path, seal) in files {
            let next = try check(seal, of: path, metadata, isStream, log: log)
            if let first = trusted.first, first.statement.name != next.statement.name {
                throw PackageTrustError(
                    path: path,
                    reason: "it is signed as '\(next.statement.name)', and '\(files[0].path)' as "
                        + "'\(first.statement.name)'"
                )
            }
            trusted.append(next)
        }
        // The oldest part of a package tells how old it is.
        guard let oldest = trusted.min(by: { $0.statement.sequence < $1.statement.sequence }) else {
            throw PackageTrustError(path: "", reason: "there is nothing in it")
        }
        let signers = trusted.flatMap(\.signers).uniqued(on: \.hint).map(\.self)
        return Trusted(statement: oldest.statement, signers: signers, entry: oldest.entry)
    }

    private func check(
        _ seal: PackageSeal?,
        of path: String,
        _ metadata: PackageMetadata,
        _ isStream: Bool,
        log: LogSink
    ) throws -> Trusted {
        guard let seal else {
            let reason = "only kbld's own tarballs and OCI layouts are signed as a whole"
            throw PackageTrustError(path: path, reason: reason)
        }
        var refusal: PackageTrustError?
        if let signature = seal.signature {
            do {
                return try check(seal, signature, of: path, metadata, log: log)
            } catch let error as PackageTrustError {
                refusal = error
            }
        }
        // Somebody else may have signed it beside the file.
        if !isStream, let signature = try Self.detached(of: path) {
            do {
                return try check(seal, signature, of: path, metadata, log: log)
            } catch let error as PackageTrustError {
                refusal = refusal ?? error
            }
        }
        let beside = isStream ? "" : ", and there is no '\(DetachedSignature.path(of: path))'"
        throw refusal
            ?? PackageTrustError(
                path: path,
                reason: "it is not signed: it has no '\(PackageSeal.entryName)'\(beside)"
            )
    }

    private func check(
        _ seal: PackageSeal,
        _ signature: [UInt8],
        of path: String,
        _ metadata: PackageMetadata,
        log: LogSink
    ) throws -> Trusted {
        func refusal(_ reason: String) -> PackageTrustError { PackageTrustError(path: path, reason: reason) }
        let envelope: PackageEnvelope
        do throws(SignatureContentError) {
            envelope = try PackageEnvelope(signature)
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
        let entry = try PackageState.Entry(statement, metadata)
        try checkAge(of: entry, named: statement.name, refusal)
        let name = statement.name.isEmpty ? "" : " '\(statement.name)'"
        log("package\(name) signed by \(signers.map(\.name).joined(separator: ", ")), sequence \(statement.sequence)")
        return Trusted(statement: statement, signers: signers, entry: entry)
    }

    private static func detached(of path: String) throws -> [UInt8]? {
        let place = DetachedSignature.path(of: path)
        guard FileManager.default.fileExists(atPath: place) else { return nil }
        do {
            return try SmallFile.bytes(of: place, limit: PackageEnvelope.sizeLimit)
        } catch {
            throw SignatureFileError(path: place, reason: error.reason)
        }
    }

    private func checkAge(
        of entry: PackageState.Entry,
        named name: String,
        _ refusal: (String) -> PackageTrustError
    ) throws {
        guard let path = options.state, let known = try PackageState(path: path).packages[name],
            !options.allowsOlder
        else { return }
        guard entry.sequence >= known.sequence else {
            throw refusal(
                "it is older than what was installed: its sequence is \(entry.sequence), not \(known.sequence)"
            )
        }
        guard entry.sequence == known.sequence, let difference = entry.difference(from: known) else { return }
        throw refusal(
            "another package of the same sequence, \(entry.sequence), was installed: its \(difference) others"
        )
    }

    /// Locks the state, for as long as the lock lives, so that no other run installs by it meanwhile: two of which one goes
    /// back could both find nothing against themselves. Waits for such a run.
    ///
    /// - Returns: nil where no state is kept.
    /// - Throws: `PackageStateError` where it can't be locked.
    func lock(log: LogSink) async throws -> FileLock? {
        guard let path = options.state else { return nil }
        do {
            return try await FileLock(waitingFor: path + ".lock") {
                log("waiting for another run that installs by the state '\(path)'")
            }
        } catch let error as AtomicFileError {
            throw PackageStateError(path: path, reason: "it can't be locked by '\(error.path)': \(error.reason)")
        }
    }

    /// Notes that a package was installed.
    ///
    /// - Parameter path: The package.
    /// - Throws: `TextFileError` or `PackageStateError` naming the state; `PackageTrustError` where another package was
    ///   noted meanwhile that is newer, which only what doesn't heed the lock does.
    func record(_ trusted: Trusted, of path: String) throws {
        guard let place = options.state else { return }
        let (name, entry) = (trusted.statement.name, trusted.entry)
        try checkAge(of: entry, named: name) { PackageTrustError(path: path, reason: $0) }
        var state = try PackageState(path: place)
        // What was installed with leave to be older doesn't make others newer.
        if let known = state.packages[name], known.sequence > entry.sequence { return }
        state.packages[name] = entry.following(state.packages[name])
        try state.write(to: place)
    }
}

/// A package that isn't let through.
struct PackageTrustError: Error, CustomStringConvertible {
    let path: String
    let reason: String

    var description: String { "The package '\(path)' is not trusted: \(reason)" }
}
