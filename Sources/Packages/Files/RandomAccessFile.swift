import ContainerImage
import LibC
package import NIOCore
import SystemPackage

/// A file that is read at any place; it is closed when nothing refers to it any more.
package struct RandomAccessFile: Sendable {
    /// Its path.
    package let path: String
    /// The file's size when it was opened, in bytes.
    package let size: Int64
    private let handle: Handle

    private final class Handle: Sendable {
        let descriptor: SystemPackage.FileDescriptor
        init(_ descriptor: SystemPackage.FileDescriptor) { self.descriptor = descriptor }
        deinit { try? descriptor.close() }
    }

    /// Opens the file; `-` is standard input, where that is a file.
    package init(path: String) throws(ArchiveError) {
        self.path = path
        try PackagePath.refuseTerminalInput(path)
        do {
            if path == PackagePath.standardStream {
                handle = Handle(try SystemPackage.FileDescriptor.standardInput.duplicate())
            } else {
                handle = Handle(try SystemPackage.FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec))
            }
            size = try handle.descriptor.seek(offset: 0, from: .end)
        } catch {
            guard error as? Errno != .illegalSeek else {
                throw .file(
                    path: path,
                    doing: "Reading package",
                    reason: "it is a pipe, but must be readable at any position; save it to a file first"
                )
            }
            throw .file(path: path, doing: "Reading package", reason: "\(error)")
        }
    }

    /// What the system says of the file; nil if it says nothing.
    func status() -> stat? {
        var status = stat()
        return fstat(handle.descriptor.rawValue, &status) == 0 ? status : nil
    }

    /// A further descriptor of the file, which must have `count` bytes at least.
    func duplicate(needing count: Int64, entry: String) throws(ArchiveError) -> Int32 {
        guard let status = status(), Int64(status.st_size) >= count else {
            throw .damaged(path: path, entry: entry, reason: "the file was truncated after it was opened")
        }
        do {
            return try handle.descriptor.duplicate().rawValue
        } catch {
            throw .file(path: path, doing: "Reading package", reason: "\(error)")
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
                    let read = try handle.descriptor.read(fromAbsoluteOffset: offset + Int64(filled), into: rest)
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
