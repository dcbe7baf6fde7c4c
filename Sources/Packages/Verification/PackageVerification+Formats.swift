import ContainerImage
public import ImageStore

extension PackageVerification {
    /// Reads a package of any format, recognised by its content, to its end. Continues after an error.
    ///
    /// - Parameters:
    ///   - limit: How many layers are hashed at once.
    ///   - progress: Counts the bytes that are hashed.
    ///   - temporaryFolder: Where a compressed file is decompressed; nil for the folder of temporary files.
    /// - Throws: `ArchiveError` if it can't be read, `UnknownPackageError` if it is not a package.
    public init(
        recognizing path: String,
        atMost limit: Int,
        progress: TransferProgress? = nil,
        temporaryFolder: String? = nil
    ) async throws {
        try await self.init(
            of: PackageFile(path: path, temporaryFolder: temporaryFolder),
            atMost: limit,
            progress: progress
        )
    }

    /// Reads a package of any format, whose file or folder is open, to its end. Continues after an error.
    ///
    /// - Parameters:
    ///   - limit: How many layers are hashed at once.
    ///   - progress: Counts the bytes that are hashed.
    /// - Throws: `ArchiveError` if it can't be read, `UnknownPackageError` if it is not a package.
    public init(of opened: PackageFile, atMost limit: Int, progress: TransferProgress? = nil) async throws {
        let path = opened.path
        switch opened.content {
        case .folder(let files):
            guard try LayoutReader.recognizes(files) else { throw UnknownPackageError(path: path, reason: .folder) }
            let names = files.names
            let size = names.byteTotal { (try? files.place(of: $0))?.size ?? 0 }
            self.init(path: path, format: .ociLayout, size: size, entryCount: names.count, findings: [])
            try await verifyLayout(files, atMost: limit, progress: progress)
            attribute()
        case .parts(let file):
            try await self.init(partsOf: path, file, atMost: limit, progress: progress)
        case .file(let file):
            try await self.init(file: file, atMost: limit, progress: progress)
        }
    }

    /// Reads the package in `file`, of any format.
    init(file: RandomAccessFile, atMost limit: Int, progress: TransferProgress?) async throws {
        let path = file.path
        guard file.size > 0 else { throw ArchiveError.empty(path: path) }
        let walk = try TarWalk(file)
        guard try !walk.entries.isEmpty || PackagePath.mayBeTarball(file) else {
            throw UnknownPackageError(path: path, reason: .file)
        }
        let files = TarFiles(file, walk.contents)
        let isLayout = try LayoutReader.recognizes(files)
        let items = isLayout ? nil : try DockerArchiveReader.items(of: files)
        guard isLayout || items != nil else {
            try await self.init(file, walk, atMost: limit, progress: progress)
            return
        }
        self.init(
            path: path,
            format: isLayout ? .ociArchive : .dockerArchive,
            size: file.size,
            entryCount: walk.entries.count,
            findings: walk.issues
        )
        if let items {
            try await verifyDockerArchive(files, items: items, atMost: limit, progress: progress)
        } else {
            try await verifyLayout(files, atMost: limit, progress: progress)
        }
        attribute()
    }
}
