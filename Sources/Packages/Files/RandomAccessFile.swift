import ContainerImage
import LibC
package import NIOCore
import SystemPackage

/// A file that is read at any place, or several that a package was cut into; it is closed when nothing refers to it any
/// more.
package struct RandomAccessFile: Sendable {
    /// Its path.
    package let path: String
    /// The file's size when it was opened, in bytes.
    package let size: Int64
    private let content: Content

    private enum Content: Sendable {
        case file(FileHandle)
        case parts(VolumeFiles)

        func read(fromAbsoluteOffset offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
            switch self {
            case .file(let handle): try handle.descriptor.read(fromAbsoluteOffset: offset, into: buffer)
            case .parts(let files): try files.read(fromAbsoluteOffset: offset, into: buffer)
            }
        }
    }

    /// Opens the file; `-` is standard input, where that is a file. The index of a package's parts opens these.
    package init(path: String) throws(ArchiveError) {
        guard path.hasSuffix(VolumeIndex.suffix) else {
            try self.init(plain: path)
            return
        }
        let files = try VolumeFiles(index: try VolumeIndex(path: path), path: path)
        self.init(path: path, size: files.index.size, content: .parts(files))
    }

    private init(path: String, size: Int64, content: Content) {
        self.path = path
        self.size = size
        self.content = content
    }

    /// What an open file of another name has in place of the bytes of `path`.
    init(path: String, size: Int64, handle: FileHandle) {
        self.init(path: path, size: size, content: .file(handle))
    }

    /// Opens the file itself, whatever is in it.
    package init(plain path: String) throws(ArchiveError) {
        self.path = PackagePath.shown(path)
        try PackagePath.refuseTerminalInput(path)
        do {
            let handle =
                if path == PackagePath.standardStream {
                    FileHandle(try FileDescriptor.standardInput.duplicate())
                } else {
                    FileHandle(try FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec))
                }
            content = .file(handle)
            size = try handle.descriptor.seek(offset: 0, from: .end)
        } catch {
            guard error as? Errno != .illegalSeek else {
                throw .file(
                    path: path,
                    doing: "Reading package",
                    reason: "it is a pipe, but must be readable at any position: name a file"
                )
            }
            throw .file(path: path, doing: "Reading package", reason: "\(error)")
        }
    }

    /// The parts of a package to blame for bytes of `range` that aren't what they must be.
    ///
    /// - Returns: `ArchiveError.badParts`; nil for a single file, and where the parts are right.
    /// - Throws: `ArchiveError` for a part that can't be read.
    func partError(in range: Range<Int64>) throws -> ArchiveError? {
        guard case .parts(let files) = content else { return nil }
        let problems = try files.problems(in: range)
        return problems.isEmpty ? nil : .badParts(path: path, problems, of: files.index.parts.count)
    }

    /// The files that bytes of `range` are in, with the first one's place among them.
    ///
    /// - Throws: `Errno`.
    func handles(of range: Range<Int64>) throws -> (first: Int, handles: [FileHandle]) {
        switch content {
        case .file(let handle): return (0, [handle])
        case .parts(let files):
            let positions = files.index.positions(of: range)
            return (positions.lowerBound, try positions.map { try files.handle(ofPartAt: $0) })
        }
    }

    /// A further descriptor of the file that `range` is in, and where that begins there; nil if it is in several.
    ///
    /// - Throws: `ArchiveError` when the file has become shorter than that, or the system gives no descriptor.
    func duplicate(of range: Range<Int64>, entry: String) throws(ArchiveError) -> (descriptor: Int32, offset: Int64)? {
        do {
            let (first, handles) = try handles(of: range)
            guard let handle = handles.first, handles.count == 1 else { return nil }
            var start: Int64 = 0
            if case .parts(let files) = content { start = files.index.parts[first].offset }
            guard let status = handle.status, Int64(status.st_size) >= range.upperBound - start else {
                throw ArchiveError.damaged(
                    path: path,
                    entry: entry,
                    reason: "the file was truncated after it was opened"
                )
            }
            return (try handle.descriptor.duplicate().rawValue, range.lowerBound - start)
        } catch {
            throw error as? ArchiveError ?? .file(path: path, doing: "Reading package", reason: "\(error)")
        }
    }

    /// Exactly `count` bytes.
    package func bytes(at offset: Int64, count: Int, entry: String?) throws(ArchiveError) -> [UInt8] {
        Array(try buffer(at: offset, count: count, entry: entry).readableBytesView)
    }

    /// Exactly `count` bytes.
    ///
    /// - Throws: `ArchiveError.damaged` when the file ends before.
    package func buffer(at offset: Int64, count: Int, entry: String?) throws(ArchiveError) -> ByteBuffer {
        var buffer = ByteBuffer()
        try read(at: offset, count: count, into: &buffer, entry: entry)
        return buffer
    }

    /// Reads exactly `count` bytes in the place of what is in `buffer`.
    ///
    /// - Throws: `ArchiveError.damaged` when the file ends before.
    func read(at offset: Int64, count: Int, into buffer: inout ByteBuffer, entry: String?) throws(ArchiveError) {
        guard offset >= 0, count >= 0, offset <= size - Int64(count) else {
            throw .damaged(path: path, entry: entry, reason: "the file ends too early: it is truncated")
        }
        buffer.clear()
        do {
            try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
                var filled = 0
                while filled < count {
                    let rest = UnsafeMutableRawBufferPointer(rebasing: space[filled..<count])
                    let read = try content.read(fromAbsoluteOffset: offset + Int64(filled), into: rest)
                    guard read > 0 else { break }
                    filled += read
                }
                return filled
            }
        } catch {
            throw .file(path: path, doing: "Reading package", reason: "\(error)")
        }
        guard buffer.readableBytes == count else {
            throw .damaged(path: path, entry: entry, reason: "the file was truncated while it was being read")
        }
    }
}
