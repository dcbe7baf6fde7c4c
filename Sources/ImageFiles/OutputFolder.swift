import ContainerImage
import FoundationEssentials
import LibC
import NIOCore
import SystemPackage

/// A folder that gets files of an image: nothing else writes into it, and no link in it is followed.
struct OutputFolder {
    let path: String
    /// Where it is until it is whole; nil for one that was there before.
    private let partial: Partial?

    /// A folder that only one run writes: what a killed one has left is taken away.
    private struct Partial {
        let path: String
        /// Locked, so long as this process runs.
        let descriptor: CInt
    }

    /// Makes the folder, or takes one that is empty.
    ///
    /// - Throws: `FileWritingError` where something is there already, or there isn't room for `bytes`.
    init(path: String, needing bytes: Int64) throws(FileWritingError) {
        self.path = path
        var there = stat()
        if lstat(path, &there) == 0 {
            guard Self.isEmpty(path) else {
                throw FileWritingError(path: path, reason: "it exists already; name a folder that is new or empty")
            }
            partial = nil
        } else {
            partial = try Self.makePartial(of: path)
        }
        var status = statvfs()
        guard statvfs(partial?.path ?? path, &status) == 0 else { return }
        let (free, overflow) = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        guard overflow || free >= UInt64(clamping: bytes) else {
            remove(files: EmptyCollection(), folders: EmptyCollection())
            throw FileWritingError(
                path: path,
                reason: "the files have \(ByteCount(bytes)), but there is only room for "
                    + "\(ByteCount(Int64(clamping: free)))"
            )
        }
    }

    /// Makes the folder `.NAME.partial` beside what is to be `path`.
    private static func makePartial(of path: String) throws(FileWritingError) -> Partial {
        func failure(_ number: CInt) -> FileWritingError {
            FileWritingError(path: path, reason: "\(Errno(rawValue: number))")
        }
        let target = FilePath(path)
        guard let name = target.lastComponent, name.kind == .regular else { throw failure(EINVAL) }
        let place = target.removingLastComponent().appending(".\(name.string).partial").string
        if mkdir(place, 0o755) != 0, errno != EEXIST { throw failure(errno) }
        let descriptor = open(place, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw FileWritingError(path: path, reason: "another run is writing it")
        }
        do {
            for item in try FileManager.default.contentsOfDirectory(atPath: place) {
                try FileManager.default.removeItem(atPath: place + "/" + item)
            }
        } catch {
            close(descriptor)
            throw FileWritingError(path: path, reason: "'\(place)', which an earlier run has left, can't be removed")
        }
        return Partial(path: place, descriptor: descriptor)
    }

    /// Gives the folder its name.
    ///
    /// - Throws: `FileWritingError` where that is another's by now.
    func commit() throws(FileWritingError) {
        guard let partial else { return }
        guard rename(partial.path, path) == 0 else { throw failure([]) }
        close(partial.descriptor)
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
        guard let partial else { return }
        rmdir(partial.path)
        close(partial.descriptor)
    }

    /// The path for the kernel.
    private func place(_ names: [FileName]) -> [CChar] {
        Self.cString(Array((partial?.path ?? path).utf8) + names.flatMap { [UInt8(ascii: "/")] + $0.bytes })
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
