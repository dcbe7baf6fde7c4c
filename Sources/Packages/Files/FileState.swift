import ContainerImage
import LibC

/// What shows that a stretch of a file was written to: the file has another size or time then, or is another one.
package struct FileState: Sendable {
    private let first: Int
    private let files: [Status]

    private struct Status: Sendable, Equatable {
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

    fileprivate init(_ first: Int, _ files: [stat]) {
        self.first = first
        self.files = files.map(Status.init)
    }

    /// Whether what `other` tells of is the same here.
    fileprivate func agrees(with other: FileState) -> Bool {
        let start = other.first - first
        guard start >= 0, other.files.count <= files.count - start else { return false }
        return files[start...].starts(with: other.files)
    }
}

extension RandomAccessFile {
    /// What the file is like now, where `range` lies.
    ///
    /// - Throws: `ArchiveError` when the system doesn't tell.
    package func state(of range: Range<Int64>) throws(ArchiveError) -> FileState {
        guard let (first, handles) = try? handles(of: range) else { throw unknownState }
        let files = handles.compactMap(\.status)
        guard files.count == handles.count else { throw unknownState }
        return FileState(first, files)
    }

    private var unknownState: ArchiveError {
        .file(path: path, doing: "Reading package", reason: "its size and time are unknown")
    }

    /// Makes sure that the file is what it was, where `range` lies: a part of what `state` is about.
    ///
    /// - Throws: `ArchiveError.damaged` when it was written to since.
    func check(_ state: FileState, of range: Range<Int64>, entry: String) throws(ArchiveError) {
        guard state.agrees(with: try self.state(of: range)) else {
            throw .damaged(path: path, entry: entry, reason: "the file has changed since this layer was verified")
        }
    }
}
