import Compression
public import ContainerImage
public import ImageStore

/// A package of any format, recognised by what is in it and not by its name.
public struct AnyPackage: ImagePackage {
    private let base: any ImagePackage

    /// Opens the file or folder at `path`: manifests and configs are read and verified, layers are there with their
    /// sizes. A file that gzip or zstd compressed is decompressed first.
    ///
    /// - Parameter temporaryFolder: Where a compressed file is decompressed, into a file without a name; nil for the folder
    ///   of the variable `TMPDIR`, or else the system's.
    /// - Throws: `ArchiveError`, `ImageTreeError` naming what is not as it must be.
    public init(path: String, temporaryFolder: String? = nil) async throws {
        try await self.init(PackageFile(path: path, temporaryFolder: temporaryFolder))
    }

    /// Opens what is in a file or folder that is open.
    ///
    /// - Throws: `ArchiveError`, `ImageTreeError` naming what is not as it must be.
    public init(_ opened: PackageFile) async throws {
        let path = opened.path
        let file: RandomAccessFile
        switch opened.content {
        case .folder(let files):
            guard try LayoutReader.recognizes(files) else { throw UnknownPackageError(path: path, reason: .folder) }
            base = try LayoutReader(files, format: .ociLayout)
            return
        case .file(let opened): file = opened
        case .parts(let parts): file = try parts.get()
        }
        do {
            base = try await Self.package(in: file)
        } catch let error as any ContentError {
            // Parts in the wrong order make up anything.
            throw try file.partError(in: 0..<file.size) ?? error
        }
    }

    private static func package(in file: RandomAccessFile) async throws -> any ImagePackage {
        let path = file.path
        guard file.size > 0 else { throw ArchiveError.empty(path: path) }
        let start = try file.bytes(at: 0, count: Int(min(file.size, Int64(TarHeader.blockSize))), entry: nil)
        guard !PackagePath.looksLikeText(start) else { throw UnknownPackageError(path: path, reason: .file) }
        let contents = try TarIndex.contents(of: file)
        let files = TarFiles(file, contents)
        if try LayoutReader.recognizes(files) {
            return try LayoutReader(files, format: .ociArchive)
        } else if let items = try DockerArchiveReader.items(of: files) {
            return try await DockerArchiveReader(files, items: items)
        } else if try files.isEmpty || files.place(of: "manifest.json") != nil {
            return try ArchiveReader(file, contents)
        } else {
            throw UnknownPackageError(path: path, reason: .tarball)
        }
    }

    /// Opens volumes of a package, or one package.
    ///
    /// - Parameter temporaryFolder: Where compressed files are decompressed, as for ``init(path:temporaryFolder:)``.
    /// - Throws: As ``init(path:temporaryFolder:)``; `ArchiveError.noVolume` and `.otherVolumes` naming what doesn't belong to the others.
    public init(paths: [String], temporaryFolder: String? = nil) async throws {
        if let path = paths.first, paths.count == 1 {
            try await self.init(path: path, temporaryFolder: temporaryFolder)
            return
        }
        var archives: [ArchiveReader] = []
        for path in paths {
            guard let archive = try await AnyPackage(path: path, temporaryFolder: temporaryFolder).archive else {
                throw ArchiveError.noVolume(path: path)
            }
            archives.append(archive)
        }
        self.init(base: try VolumeSet(archives))
    }

    private init(base: any ImagePackage) { self.base = base }

    /// Whether what is at `path` is rather a package than documents: a tarball, a layout, or a file that is compressed,
    /// which opening it tells.
    public static func looksLikePackage(_ path: String) -> Bool {
        guard !path.hasSuffix(VolumeIndex.suffix) else { return true }
        if FolderFiles.isFolder(path) {
            return (try? FolderFiles(path: path).place(of: "oci-layout")) != nil
        }
        // What comes through a pipe is there once, for whoever reads it.
        guard PackagePath.isSeekable(path), let file = try? RandomAccessFile(path: path) else { return false }
        return isCompressed(file) || PackagePath.looksLikeTarball(file)
    }

    private static func isCompressed(_ file: RandomAccessFile) -> Bool {
        guard let start = try? file.bytes(at: 0, count: Int(min(6, file.size)), entry: nil) else { return false }
        return CompressionFormat(of: start) != nil || unreadableCompression(start) != nil
    }

    /// The program that compressed what begins so, and whose compression isn't read here; nil where none did.
    static func unreadableCompression(_ start: [UInt8]) -> String? {
        let known: [(magic: [UInt8], program: String)] = [
            ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "xz"), ([0x42, 0x5A, 0x68], "bzip2"),
        ]
        return known.first { start.starts(with: $0.magic) }?.program
    }

    /// The tarball, where it is kbld's or imgpkg's.
    public var archive: ArchiveReader? { base as? ArchiveReader }

    /// The volumes, where several were opened as one.
    var volumes: VolumeSet? { base as? VolumeSet }

    /// The layout, where it is one.
    var layout: LayoutReader? { base as? LayoutReader }

    /// Where it is.
    public var path: String { base.path }
    /// What kind of package it is.
    public var format: PackageFormat { base.format }
    /// The images and indexes in it.
    public var trees: [ImageTree] { base.trees }
    /// Additional names that the package records.
    public var names: [ImageReference: Digest] { base.names }

    /// A manifest of the package.
    public func manifest(_ digest: Digest) async throws -> RawManifest { try await base.manifest(digest) }

    /// The bytes of a config or layer.
    public func content(of blob: Descriptor, from offset: Int64) async throws -> BlobBody {
        try await base.content(of: blob, from: offset)
    }

    /// The package's metadata.
    public var metadata: PackageMetadata { base.metadata }

    /// Where a layer lies in a file.
    public func place(of layer: Descriptor) async throws -> FileSlice? { try await base.place(of: layer) }

    /// Which file has a layer.
    public func path(of layer: Descriptor) -> String { base.path(of: layer) }

    /// What a layer is called in the package.
    public func entryName(of layer: Descriptor) -> String { base.entryName(of: layer) }
}
