import ContainerImage

/// The files of a layout, by their names in it.
protocol LayoutFiles: Sendable {
    /// Where the layout is.
    var path: String { get }
    /// The names of all files.
    var names: [String] { get }
    /// Whether there is an end to it, as far as its form has one: else files may have been lost.
    var isWhole: Bool { get }

    /// The place of a file's bytes; nil if there is none of this name.
    ///
    /// - Throws: `ArchiveError` for what isn't a regular file of the layout's own.
    func place(of name: String) throws(ArchiveError) -> FileSlice?
}

extension LayoutFiles {
    /// All bytes of a file.
    ///
    /// - Parameter limit: The largest size that is taken, in bytes.
    /// - Throws: `ArchiveError` when it isn't there or is larger.
    func bytes(of name: String, limit: Int64) throws(ArchiveError) -> [UInt8] {
        guard let place = try place(of: name) else { throw .missingEntry(path: path, name: name) }
        guard place.size <= limit else {
            throw .damaged(
                path: path,
                entry: name,
                reason: "it has \(place.size) bytes; at most \(limit) are expected"
            )
        }
        return try place.file.bytes(at: place.offset, count: Int(place.size), entry: name)
    }
}

/// The files in a tarball.
struct TarFiles: LayoutFiles {
    private let file: RandomAccessFile
    private let contents: TarContents

    var path: String { file.path }

    /// Creates the files of a tarball from its known entries. Names may begin with `./`.
    init(_ file: RandomAccessFile, _ contents: TarContents) {
        self.file = file
        self.contents = contents.plainlyNamed
    }

    var names: [String] { contents.files.keys.sorted() }
    var isWhole: Bool { contents.hasEnd }
    var isEmpty: Bool { contents.files.isEmpty }

    func place(of name: String) throws(ArchiveError) -> FileSlice? {
        var entry = name
        for _ in 0...8 {
            if let found = contents.files[entry] {
                return FileSlice(file: file, offset: found.offset, size: found.size, name: name)
            }
            guard let target = contents.links[entry] else { return nil }
            entry = target
        }
        throw .damaged(path: path, entry: name, reason: "it is a symbolic link that leads to no file")
    }
}
