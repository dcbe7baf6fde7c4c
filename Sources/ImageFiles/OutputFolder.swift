import ContainerImage
import LibC
import NIOCore
import SystemPackage

/// A folder that gets files of an image: nothing else writes into it, and no link in it is followed.
struct OutputFolder {
    let path: String
    /// Whether it wasn't there before.
    private let isNew: Bool

    /// Makes the folder, or takes one that is empty.
    ///
    /// - Throws: `FileWritingError` where something is there already, or there isn't room for `bytes`.
    init(path: String, needing bytes: Int64) throws(FileWritingError) {
        self.path = path
        isNew = mkdir(path, 0o755) == 0
        if !isNew {
            guard errno == EEXIST else { throw FileWritingError(path: path, reason: "\(Errno(rawValue: errno))") }
            guard Self.isEmpty(path) else {
                throw FileWritingError(path: path, reason: "it exists already; name a folder that is new or empty")
            }
        }
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return }
        let (free, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        guard overflow || free >= UInt64(clamping: bytes) else {
            if isNew { rmdir(path) }
            throw FileWritingError(
                path: path,
                reason: "the files have \(ByteCount(bytes)), but there is only room for "
                    + "\(ByteCount(Int64(clamping: free)))"
            )
        }
    }

    private static func isEmpty(_ path: String) -> Bool {
        guard let folder = opendir(path) else { return false }
        defer { closedir(folder) }
        var count = 0
        while count < 3, readdir(folder) != nil { count += 1 }
        return count == 2
    }

    /// Makes a folder whose parent has been made.
    func makeFolder(_ path: [FileName]) throws(FileWritingError) {
        guard mkdir(place(path), 0o755) == 0 else { throw failure(path) }
    }

    /// Makes a file that isn't there yet.
    func create(_ path: [FileName], isExecutable: Bool) throws(FileWritingError) -> SystemPackage.FileDescriptor {
        do {
            return try SystemPackage.FileDescriptor.open(
                FilePath(platformString: place(path)),
                .writeOnly,
                options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                permissions: FilePermissions(rawValue: isExecutable ? 0o755 : 0o644)
            )
        } catch {
            throw FileWritingError(path: text(path), reason: "\(error)")
        }
    }

    func write(_ chunk: ByteBuffer, to file: SystemPackage.FileDescriptor, _ path: [FileName]) throws(FileWritingError)
    {
        do {
            _ = try file.writeAll(chunk.readableBytesView)
        } catch {
            throw FileWritingError(path: text(path), reason: "\(error)")
        }
    }

    /// Gives a file that was written another name.
    func link(_ path: [FileName], to original: [FileName]) throws(FileWritingError) {
        guard LibC.link(place(original), place(path)) == 0 else { throw failure(path) }
    }

    /// Makes a symbolic link.
    func makeLink(_ path: [FileName], to target: [UInt8]) throws(FileWritingError) {
        guard symlink(Self.cString(target), place(path)) == 0 else { throw failure(path) }
    }

    /// Takes away what was made, after a failure: files and links at `files`, and `folders`, each behind its parent.
    func remove(files: some Sequence<[FileName]>, folders: some Collection<[FileName]>) {
        for path in files { unlink(place(path)) }
        for path in folders.reversed() where !path.isEmpty { rmdir(place(path)) }
        if isNew { rmdir(path) }
    }

    /// The path for the kernel.
    private func place(_ names: [FileName]) -> [CChar] {
        Self.cString(Array(path.utf8) + names.flatMap { [UInt8(ascii: "/")] + $0.bytes })
    }

    private static func cString(_ bytes: [UInt8]) -> [CChar] { bytes.map { CChar(bitPattern: $0) } + [0] }

    /// The path for people.
    private func text(_ names: [FileName]) -> String { path + "/" + names.pathText }

    private func failure(_ path: [FileName]) -> FileWritingError {
        FileWritingError(path: text(path), reason: "\(Errno(rawValue: errno))")
    }
}

/// A failure to write a file of an image.
public struct FileWritingError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The file or folder.
    public let path: String
    /// What happened.
    public let reason: String

    /// What can't be written, and why.
    public var description: String { "Writing '\(path)': \(reason)" }
}
