public import Compression
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
    /// How many bytes it has as it lies there or as it came, compressed or not; nil for a folder.
    public let size: Int64?
    /// Whether it is rather a package than documents: a folder, a tarball, or compressed.
    public let looksLikePackage: Bool
    let content: Content

    /// Opens the file or folder at `path`, and decompresses a file that gzip or zstd compressed. What can be read only
    /// once, in order, is kept in a file.
    ///
    /// - Parameter temporaryFolder: Where what is decompressed or kept goes, into a file without a name; nil for the folder
    ///   of the variable `TMPDIR`, or else the system's.
    /// - Throws: `ArchiveError` naming the file; `UnknownPackageError` for what other programs compressed, and for one of the
    ///   files that a package was cut into.
    public init(path: String, temporaryFolder: String? = nil) async throws {
        if FolderFiles.isFolder(path) {
            self.init(path: path, size: nil, content: .folder(try FolderFiles(path: path)))
            return
        }
        // What is in a part isn't read, nor decompressed.
        if let index = VolumeIndex.listing(path) { throw UnknownPackageError(path: path, reason: .part(of: index)) }
        guard PackagePath.isSeekable(path) else {
            let stream = ExpandedStream(try await StreamInput(path: path))
            try await self.init(stream, path: path, temporaryFolder: temporaryFolder)
            return
        }
        do {
            let file = try RandomAccessFile(path: path)
            let expanded = try await file.expanded(in: temporaryFolder)
            let isIndex = path.hasSuffix(VolumeIndex.suffix)
            self.init(
                path: path,
                size: file.size,
                content: isIndex ? .parts(.success(expanded)) : .file(expanded),
                isCompressed: file.compression != nil
            )
        } catch {
            guard path.hasSuffix(VolumeIndex.suffix), !(error is CancellationError) else { throw error }
            self.init(path: path, size: nil, content: .parts(.failure(error)))
        }
    }

    /// Keeps what is left of a stream.
    init(_ stream: ExpandedStream, path: String, temporaryFolder: String?) async throws {
        let file = try await RandomAccessFile.keeping(stream, in: temporaryFolder)
        let (size, isCompressed) = await (stream.receivedCount, stream.isCompressed)
        self.init(path: path, size: size, content: .file(file), isCompressed: isCompressed)
    }

    private init(path: String, size: Int64?, content: Content, isCompressed: Bool = false) {
        (self.path, self.size, self.content) = (PackagePath.shown(path), size, content)
        looksLikePackage =
            switch content {
            case .file(let file): isCompressed || PackagePath.looksLikeTarball(file)
            case .folder, .parts: true
            }
    }

    /// How the file at `path` is compressed, by how it begins; nil for one that isn't, and for what is no file.
    public static func compression(of path: String) -> CompressionFormat? {
        guard !FolderFiles.isFolder(path), PackagePath.isSeekable(path) else { return nil }
        return (try? RandomAccessFile(path: path))?.compression
    }

    /// All bytes of a file; none of a folder.
    ///
    /// - Throws: `ArchiveError` naming the file.
    public func bytes() throws(ArchiveError) -> [UInt8] {
        guard case .file(let file) = content else { return [] }
        return try file.bytes(at: 0, count: Int(file.size), entry: nil)
    }
}
