import ContainerImage
public import ImageStore
public import PackageArchive

extension PackageVerification {
    /// Reads a package of any format, recognised by its content, to its end. Goes on after a fault.
    ///
    /// - Parameters:
    ///   - limit: How many layers are hashed at once.
    ///   - progress: Counts the bytes that are hashed.
    /// - Throws: `ArchiveError` when it can't be read, `UnknownPackage` when it is no package.
    public init(recognizing path: String, atMost limit: Int, progress: TransferProgress? = nil) async throws {
        if FolderFiles.isFolder(path) {
            let files = try FolderFiles(path: path)
            guard try LayoutReader.recognizes(files) else { throw UnknownPackage(path: path, reason: .folder) }
            let names = files.names
            let size = names.byteTotal { (try? files.place(of: $0))?.size ?? 0 }
            self.init(path: path, format: .ociLayout, size: size, entryCount: names.count, findings: [])
            try await verifyLayout(files, names: names, atMost: limit, progress: progress)
            return
        }
        let file = try InputFile(path: path)
        if let compression = try RecognizedPackage.compression(of: file) {
            throw UnknownPackage(path: path, reason: .compressed(compression))
        }
        let walk = try TarWalk(file)
        let whole = try? TarFiles(file)
        let files: any LayoutFiles = whole ?? WalkedFiles(file, walk)
        let isLayout = try LayoutReader.recognizes(files)
        guard try isLayout || whole.flatMap({ try DockerArchiveReader.items(of: $0) }) != nil else {
            try await self.init(path: path, atMost: limit, progress: progress)
            return
        }
        self.init(
            path: path,
            format: isLayout ? .ociArchive : .dockerArchive,
            size: file.size,
            entryCount: walk.entries.count,
            findings: walk.faults
        )
        if isLayout {
            let names = walk.entries.filter(\.isPlainFile).map { TarFiles.plain($0.name) }
            try await verifyLayout(files, names: names, atMost: limit, progress: progress)
        } else if let whole, let items = try DockerArchiveReader.items(of: whole) {
            try await verifyDockerArchive(whole, items: items, atMost: limit, progress: progress)
        }
    }
}

/// The files of a tarball that is damaged: those that can be read.
private struct WalkedFiles: LayoutFiles {
    private let file: InputFile
    private let entries: [String: TarWalk.Entry]

    init(_ file: InputFile, _ walk: TarWalk) {
        self.file = file
        let plain = walk.entries.filter(\.isPlainFile).map { (TarFiles.plain($0.name), $0) }
        entries = Dictionary(plain) { first, _ in first }
    }

    var path: String { file.path }

    func place(of name: String) -> FilePlace? {
        entries[name].map { FilePlace(file: file, offset: $0.offset, size: $0.size, name: name) }
    }
}
