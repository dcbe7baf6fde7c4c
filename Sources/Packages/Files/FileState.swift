import ContainerImage
import LibC

/// What shows that a file was written to: it has another size or time then, or is another file.
package struct FileState: Sendable, Equatable {
    private let device: UInt64
    private let number: UInt64
    private let size: Int64
    private let seconds: Int64
    private let nanoseconds: Int64

    init(_ status: stat) {
        device = UInt64(status.st_dev)
        number = UInt64(status.st_ino)
        size = Int64(status.st_size)
        seconds = Int64(status.st_mtim.tv_sec)
        nanoseconds = Int64(status.st_mtim.tv_nsec)
    }
}

extension RandomAccessFile {
    /// What the file is like now.
    ///
    /// - Throws: `ArchiveError` when the system doesn't tell.
    package func state() throws(ArchiveError) -> FileState {
        guard let status = status() else {
            throw .file(path: path, doing: "Reading package", reason: "its size and time are unknown")
        }
        return FileState(status)
    }

    /// Makes sure that the file is what it was.
    ///
    /// - Throws: `ArchiveError.damaged` when it was written to since.
    func check(_ state: FileState, entry: String) throws(ArchiveError) {
        guard try self.state() == state else {
            throw .damaged(path: path, entry: entry, reason: "the file has changed since this layer was verified")
        }
    }
}
