public import ContainerImage
import NIOCore

/// A package that was opened: with bytes at any place, or to be read in order.
public enum PackageInput: Sendable {
    /// With bytes at any place.
    case package(AnyPackage)
    /// From the first byte to the last: nothing of it is kept on disk.
    case stream(ArchiveStream)

    /// Opens the package at `path`. A stream is read in order if it begins as kbld's own tarballs do; else it is kept in a
    /// file without a name.
    ///
    /// - Parameter temporaryFolder: Where that file is, and what is compressed is decompressed; nil for the folder of the
    ///   variable `TMPDIR`, or else the system's.
    /// - Throws: `ArchiveError`, `ImageTreeError` naming what is not as it must be.
    public init(path: String, temporaryFolder: String? = nil) async throws {
        guard PackagePath.isStream(path) else {
            self = .package(try await AnyPackage(path: path, temporaryFolder: temporaryFolder))
            return
        }
        let stream = ExpandedStream(try await StreamInput(path: path))
        if try await Self.isReadInOrder(stream) {
            self = .stream(try await ArchiveStream(stream))
        } else if PackagePath.isSeekable(path) {
            self = .package(try await AnyPackage(path: path, temporaryFolder: temporaryFolder))
        } else {
            self = .package(try await AnyPackage(PackageFile(stream, path: path, temporaryFolder: temporaryFolder)))
        }
    }

    /// Whether a stream begins with `manifest.json`, or isn't a tarball: reading it in order tells what it is.
    private static func isReadInOrder(_ stream: ExpandedStream) async throws -> Bool {
        let start = Array(try await stream.start(TarHeader.blockSize).readableBytesView)
        guard start.count == TarHeader.blockSize, let header = try? TarHeaderBlock(start[...]) else { return true }
        return header.name == "manifest.json"
    }

    /// The package's metadata.
    public var metadata: PackageMetadata {
        switch self {
        case .package(let package): package.metadata
        case .stream(let stream): stream.metadata
        }
    }

    /// Additional names that the package records.
    public var names: [ImageReference: Digest] {
        switch self {
        case .package(let package): package.names
        case .stream(let stream): stream.names
        }
    }

    /// What signatures of the package's files are about: of each volume, where it was opened as volumes, else of the package.
    ///
    /// - Throws: `ArchiveError` when one can't be read.
    package func seals() throws -> [(path: String, seal: PackageSeal?)] {
        switch self {
        case .package(let package): try package.seals()
        case .stream(let stream): [(stream.name, stream.seal ?? PackageSeal(manifest: Digest(of: [])))]
        }
    }
}
