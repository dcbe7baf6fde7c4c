import LibC
import LocalFiles
import NIOCore
import SystemPackage

/// A file without a name, for what must be readable at any place and isn't: it is gone with the last that refers to it.
struct SpoolFile {
    /// The package that is read.
    let path: String
    private let purpose: ArchiveError.Purpose
    private let folder: String
    private let handle: FileHandle
    /// How many bytes there is room for.
    private let room: Int64
    /// How many bytes are in it.
    private(set) var count: Int64 = 0

    /// Opens a file.
    ///
    /// - Parameters:
    ///   - path: The package that is read.
    ///   - folder: Where the file is; nil for the folder of temporary files.
    /// - Throws: `ArchiveError.temporaryFolder`.
    init(for path: String, _ purpose: ArchiveError.Purpose, in folder: String?) throws(ArchiveError) {
        self.path = path
        self.purpose = purpose
        self.folder = folder ?? NamelessFile.defaultFolder
        do { handle = FileHandle(try NamelessFile.open(in: FilePath(self.folder))) } catch {
            throw .temporaryFolder(path: path, purpose, folder: self.folder, reason: "\(error)")
        }
        room = NamelessFile.room(at: handle.descriptor) ?? .max
    }

    /// Makes sure that there is room for `count` bytes in all.
    ///
    /// - Throws: `ArchiveError.noRoom`.
    func reserve(_ count: Int64) throws(ArchiveError) {
        guard count <= room else { throw .noRoom(path: path, purpose, folder: folder, needed: count) }
    }

    /// Adds bytes.
    ///
    /// - Throws: `ArchiveError` when there is no room for them.
    mutating func append(_ bytes: ByteBuffer) throws(ArchiveError) {
        let sum = count + Int64(bytes.readableBytes)
        try reserve(sum)
        do {
            try bytes.withUnsafeReadableBytes { try handle.descriptor.writeAll(toAbsoluteOffset: count, $0) }
        } catch {
            guard error as? Errno != .noSpace else {
                throw .noRoom(path: path, purpose, folder: folder, needed: sum)
            }
            throw .temporaryFolder(path: path, purpose, folder: folder, reason: "\(error)")
        }
        count = sum
    }

    /// What is in it, under the package's path.
    var file: RandomAccessFile { RandomAccessFile(path: path, size: count, handle: handle) }
}
