import ContainerImage
public import ImageStore
import LocalFiles
import NIOCore
import Packages
import SystemPackage

/// A file beside a package with its SHA-256, as `sha256sum` writes and checks it.
public struct PackageChecksum: Sendable {
    /// The package.
    public let package: String
    /// The file with its sum.
    public var path: String { package + ".sha256" }

    /// Makes sure that the file can be written.
    ///
    /// - Throws: `TextFileError` naming it; `PackageChecksumError` for a stream or a folder.
    public init(of package: String) throws {
        guard !PackagePath.isStream(package), !package.hasSuffix("/") else { throw PackageChecksumError(path: package) }
        self.package = package
        try TextFile.check(path)
    }

    /// Reads the package, which is whole, and writes the sum.
    ///
    /// - Parameter progress: Counts the bytes.
    /// - Throws: `ArchiveError` or `TextFileError` naming the file.
    public func write(progress: TransferProgress?) async throws {
        let file = try RandomAccessFile(path: package)
        progress?.enter(.check, items: 1, bytes: file.size)
        let item = progress?.begin(package, bytes: file.size)
        defer { item?.finish() }
        var digester = Digester(.sha256)
        for try await chunk in file.content(from: 0, to: file.size, entry: package) {
            try Task.checkCancellation()
            chunk.withUnsafeReadableBytes { digester.update($0) }
            item?.add(chunk.readableBytes)
        }
        let name = FilePath(package).lastComponent?.string ?? package
        try TextFile.write(
            ChecksumLine.text(digester.finish().hex, name),
            to: path,
            permissions: FilePermissions(rawValue: 0o644)
        )
    }
}

/// A checksum of what is no file.
public struct PackageChecksumError: Error, Sendable, CustomStringConvertible {
    /// The package.
    public let path: String

    /// What can't be done.
    public var description: String {
        "There is no checksum file for '\(path)': it must be a file, not a stream or a folder"
    }
}
