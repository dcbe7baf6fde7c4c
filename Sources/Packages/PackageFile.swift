import ContainerImage

/// A package's file or folder, opened once for all that reads it: a file stays the same for all of them, and is
/// decompressed once.
public struct PackageFile: Sendable {
    enum Content: Sendable {
        case folder(FolderFiles)
        case file(RandomAccessFile)
        /// Files that a package was cut into; why they can't be read is told when they are.
        case parts(Result<RandomAccessFile, any Error>)
    }

    /// Where it is.
    public let path: String
    let content: Content

    /// Opens the file or folder at `path`, and decompresses a file that gzip or zstd compressed.
    ///
    /// - Parameter temporaryFolder: Where it is decompressed, into a file without a name; nil for the folder of the
    ///   variable `TMPDIR`, or else the system's.
    /// - Throws: `ArchiveError` naming the file; `UnknownPackageError` for what other programs compressed.
    public init(path: String, temporaryFolder: String? = nil) async throws {
        self.path = path
        if FolderFiles.isFolder(path) {
            content = .folder(try FolderFiles(path: path))
            return
        }
        do {
            let file = try await RandomAccessFile(path: path).expanded(in: temporaryFolder)
            content = path.hasSuffix(VolumeIndex.suffix) ? .parts(.success(file)) : .file(file)
        } catch {
            guard path.hasSuffix(VolumeIndex.suffix), !(error is CancellationError) else { throw error }
            content = .parts(.failure(error))
        }
    }
}
