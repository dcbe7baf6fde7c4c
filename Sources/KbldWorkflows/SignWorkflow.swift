import ContainerImage
import FoundationEssentials
import ImageStore
import LocalFiles
import Packages
import Signatures

/// A package that is there gets a signature.
public struct SignWorkflow: Sendable {
    private let path: String
    private let package: AnyPackage
    private let seal: PackageSeal
    private let signing: PackageSigning
    private let isDetached: Bool
    private let log: LogSink

    /// Opens the package at `path`, and reads the key.
    ///
    /// - Parameter isDetached: Whether the signature goes into a file beside the package.
    /// - Throws: `ArchiveError` naming the package, `UnsignablePackageError`, `SigningKeyError`.
    public init(
        _ path: String,
        by options: PackageSigning.Options,
        detached isDetached: Bool,
        in context: WorkflowContext
    ) async throws {
        guard !PackagePath.isStream(path) else { throw UnsignablePackageError(path: path, reason: .stream) }
        if !isDetached { try SignedPackage.check(path) }
        guard let signing = try PackageSigning(options, temporaryFolder: context.temporaryFolder) else {
            throw UnsignablePackageError(path: path, reason: .noKey)
        }
        self.signing = signing
        self.path = path
        self.isDetached = isDetached
        log = context.log
        package = try await context.package(at: path)
        guard let seal = try package.seal() else {
            throw UnsignablePackageError(path: path, reason: .format(package.format))
        }
        self.seal = seal
        if isDetached { try TextFile.check(DetachedSignature.path(of: path)) }
    }

    /// Signs the package: beside the signatures that it has, if they say the same.
    ///
    /// - Throws: `ArchiveError` or `TextFileError` naming the file.
    public func run() async throws {
        let known = isDetached ? nil : seal.signature.flatMap { try? PackageEnvelope($0) }
        var envelope: PackageEnvelope
        if let known, known.statement.manifestName == seal.manifestName, known.statement.manifest == seal.manifest,
            known.statement.metadata == seal.metadata, signing.agrees(with: known.statement)
        {
            envelope = known
        } else {
            if let known {
                log(
                    "replacing \(Count.text(known.envelope.signatures.count, "signature")) of something else: "
                        + "sequence \(known.statement.sequence), package '\(known.statement.name)'"
                )
            }
            let images = package.trees.map(\.reference)
            envelope = try PackageEnvelope(signing.statement(on: seal, images: images, at: Date()))
        }
        envelope = try await signing.sign(envelope)
        let statement = envelope.statement
        if isDetached {
            let bundle = String(decoding: try envelope.bundle(), as: UTF8.self)
            try TextFile.write(bundle + "\n", to: DetachedSignature.path(of: path))
        } else {
            try SignedPackage(path: path).write(signature: try envelope.encoded(), of: seal)
        }
        let place = isDetached ? DetachedSignature.path(of: path) : path
        log(
            "signed \(place): sequence \(statement.sequence), \(Count.text(envelope.envelope.signatures.count, "signature"))"
        )
    }
}

/// A package that can't be signed.
struct UnsignablePackageError: Error, CustomStringConvertible {
    enum Reason {
        case noKey
        case stream
        case format(PackageFormat)
    }

    let path: String
    let reason: Reason

    var description: String {
        let reason =
            switch reason {
            case .noKey: "there is no key"
            case .stream: "a stream can't be signed; name a file or a folder"
            case .format(let format):
                "its format is \(format), but only kbld's own tarballs and OCI layouts can be signed as a whole"
            }
        return "Signing '\(path)': \(reason)"
    }
}
