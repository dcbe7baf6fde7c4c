import LibC
import NIOCore
import SystemPackage

/// Files and folders.
extension FolderStorage {
    /// The size of a file in bytes; nil if it isn't there.
    static func size(ofFile path: String) -> Int64? {
        var status = stat()
        return stat(path, &status) == 0 ? Int64(status.st_size) : nil
    }

    /// At most `count` bytes of a file.
    static func read(_ path: String, at offset: Int64, count: Int) throws -> ByteBuffer {
        let file = try SystemPackage.FileDescriptor.open(FilePath(path), .readOnly, options: .closeOnExec)
        return try file.closeAfter {
            var buffer = ByteBuffer()
            try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
                try file.read(
                    fromAbsoluteOffset: offset,
                    into: UnsafeMutableRawBufferPointer(rebasing: space[..<count])
                )
            }
            return buffer
        }
    }

    /// Makes sure that a file's bytes, which must be `size`, stay.
    static func sync(_ path: String, size: Int64) throws(StorageError) {
        do {
            let file = try SystemPackage.FileDescriptor.open(FilePath(path), .writeOnly, options: .closeOnExec)
            try file.closeAfter {
                guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
                let stored = try file.seek(offset: 0, from: .end)
                guard stored == size else {
                    throw StorageError(path: path, reason: "\(stored) bytes are stored instead of \(size)")
                }
            }
        } catch {
            throw StorageError(path: path, error)
        }
    }

    /// Makes sure that the names in a folder stay.
    static func syncFolder(_ path: String) throws(StorageError) {
        do {
            let folder = try SystemPackage.FileDescriptor.open(
                FilePath(path),
                .readOnly,
                options: [.directory, .closeOnExec]
            )
            try folder.closeAfter {
                // Some file systems sync no folders, and say so.
                guard fsync(folder.rawValue) == 0 || errno == EINVAL else { throw Errno(rawValue: errno) }
            }
        } catch {
            throw StorageError(path: path, error)
        }
    }

    static func rename(_ path: String, to target: String) throws(StorageError) {
        guard Glibc.rename(path, target) == 0 else {
            let number = errno
            unlink(path)
            throw StorageError(path: target, errno: number)
        }
    }

    /// Makes an empty file, where there is none.
    static func touch(_ path: String) throws(StorageError) {
        do {
            try SystemPackage.FileDescriptor.open(
                FilePath(path),
                .writeOnly,
                options: [.create, .closeOnExec],
                permissions: FilePermissions(rawValue: 0o644)
            ).close()
        } catch {
            throw StorageError(path: path, error)
        }
    }

    /// Makes a folder and those above it; their names stay.
    static func makeFolder(_ path: String) throws(StorageError) {
        if mkdir(path, 0o755) != 0 {
            if errno == EEXIST { return }
            guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
                throw StorageError(path: path, errno: errno)
            }
            try makeFolder(String(path[..<slash]))
            if mkdir(path, 0o755) != 0, errno != EEXIST { throw StorageError(path: path, errno: errno) }
        }
        let above = path.lastIndex(of: "/").map { path[..<$0] } ?? "."
        try syncFolder(above.isEmpty ? "/" : String(above))
    }

    /// The names in a folder; none where it can't be read.
    static func entries(of path: String) -> [String] { (try? list(path)) ?? [] }

    /// The names in a folder.
    static func list(_ path: String) throws(StorageError) -> [String] {
        guard let directory = opendir(path) else { throw StorageError(.reading, path: path, errno: errno) }
        defer { closedir(directory) }
        var names: [String] = []
        errno = 0
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
            errno = 0
        }
        guard errno == 0 else { throw StorageError(.reading, path: path, errno: errno) }
        return names
    }
}
