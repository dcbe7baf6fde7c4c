import Glibc
import SystemPackage

/// A file that appears under its name only when it is whole: written beside the target, synced, renamed.
struct OutputFile: Sendable {
    let path: String
    private let temporary: String
    private let descriptor: FileDescriptor

    /// Creates the temporary file, of `size` bytes.
    ///
    /// - Throws: `ArchiveError` when the folder can't be written to or there isn't room.
    init(path: String, size: Int64) throws(ArchiveError) {
        self.path = path
        let target = FilePath(path)
        guard let name = target.lastComponent else {
            throw .file(path: path, doing: "Writing package", reason: "this is not a file's name")
        }
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            throw .file(path: path, doing: "Writing package", reason: "it is a folder")
        }
        let suffix = String(UInt64.random(in: 0...UInt64.max), radix: 36)
        let beside = target.removingLastComponent().appending(".\(name.string).\(suffix).partial")
        temporary = beside.string
        do {
            descriptor = try FileDescriptor.open(
                beside,
                .readWrite,
                options: [.create, .exclusiveCreate, .closeOnExec],
                permissions: FilePermissions(rawValue: 0o644)
            )
        } catch {
            throw .file(path: path, doing: "Writing package", reason: "\(error)")
        }
        do {
            try reserve(size)
        } catch {
            discard()
            throw error
        }
    }

    private func reserve(_ size: Int64) throws(ArchiveError) {
        var status = statvfs()
        if fstatvfs(descriptor.rawValue, &status) == 0 {
            let (free, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
            if !overflow, free < UInt64(size) { throw .noSpace(path: path, needed: size) }
        }
        guard ftruncate(descriptor.rawValue, off_t(size)) == 0 else {
            throw .file(path: path, doing: "Writing package", reason: "\(Errno(rawValue: errno))")
        }
    }

    /// Writes `bytes` at `offset`. The bytes go to the page cache, so this doesn't hold its thread for long.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(ArchiveError) {
        do {
            try descriptor.writeAll(toAbsoluteOffset: offset, bytes)
        } catch {
            if error as? Errno == .noSpace { throw .noSpace(path: path, needed: Int64(bytes.count)) }
            throw .file(path: path, doing: "Writing package", reason: "\(error)")
        }
    }

    /// Writes `bytes` at `offset`.
    func write(_ bytes: [UInt8], at offset: Int64) throws {
        try bytes.withUnsafeBytes { try write($0, at: offset) }
    }

    /// Syncs the file and gives it its name.
    func commit() throws(ArchiveError) {
        var failure: Int32 = 0
        if fsync(descriptor.rawValue) != 0 { failure = errno }
        if failure == 0, rename(temporary, path) != 0 { failure = errno }
        guard failure == 0 else {
            discard()
            throw .file(path: path, doing: "Writing package", reason: "\(Errno(rawValue: failure))")
        }
        try? descriptor.close()
    }

    /// Removes what was written.
    func discard() {
        unlink(temporary)
        try? descriptor.close()
    }
}

extension FileDescriptor {
    fileprivate func writeAll(toAbsoluteOffset offset: Int64, _ bytes: UnsafeRawBufferPointer) throws {
        var written = 0
        while written < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
            written += try write(toAbsoluteOffset: offset + Int64(written), rest)
        }
    }
}
