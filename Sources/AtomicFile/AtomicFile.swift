import Glibc
public import SystemPackage

/// A file that appears under its name only when it is whole: written beside its place, synced, renamed.
///
/// A link's target is replaced, not the link; the permissions of a file that is replaced stay. What is written is a
/// temporary whose name follows from the file's, locked while it is written to: a process that was killed leaves at most
/// this one, and the next that writes the file takes it up or clears it.
public struct AtomicFile: Sendable {
    /// What to do about another process that writes the same file, and about what one left.
    public enum Start: Sendable {
        /// Wait until the other is done, and begin anew.
        case anew
        /// Refuse if there is another, and begin anew.
        case alone
        /// Refuse if there is another, and keep what one left that didn't come to an end.
        case resuming
    }

    /// The path as it was given.
    public let path: String
    /// The temporary, for reading and writing.
    public let descriptor: FileDescriptor
    /// The bytes that the temporary has from before; 0 for a new one.
    public let sizeBefore: Int64
    private let target: FilePath
    private let temporary: String

    /// Opens the temporary of the file `path`.
    ///
    /// - Throws: `AtomicFileError` when the file can't be written, or another process writes it.
    public init(path: String, start: Start, permissions: FilePermissions) throws(AtomicFileError) {
        self.path = path
        let place = try Self.place(of: path)
        target = place.target
        temporary = place.temporary
        do {
            (descriptor, sizeBefore) = try Self.open(temporary, start, permissions)
        } catch {
            throw AtomicFileError(path: path, problem: error == .wouldBlock ? .inUse : .system(error))
        }
        var status = stat()
        if stat(target.string, &status) == 0 { fchmod(descriptor.rawValue, status.st_mode & 0o7777) }
        Temporaries.add(temporary)
    }

    /// Makes sure, as far as that is possible without writing, that `path` can be written.
    ///
    /// - Parameter alone: Whether another process that writes the same file is in the way.
    /// - Throws: `AtomicFileError` saying why it can't.
    public static func check(_ path: String, alone: Bool = false) throws(AtomicFileError) {
        let place = try place(of: path)
        let folder = place.target.removingLastComponent().string
        guard access(folder.isEmpty ? "." : folder, W_OK | X_OK) == 0 else {
            throw AtomicFileError(path: path, problem: .system(Errno(rawValue: errno)))
        }
        if alone, isLocked(place.temporary) { throw AtomicFileError(path: path, problem: .inUse) }
    }

    private static func isLocked(_ temporary: String) -> Bool {
        let options: FileDescriptor.OpenOptions = [.closeOnExec, .noFollow, .nonBlocking]
        guard let file = try? FileDescriptor.open(FilePath(temporary), .readOnly, options: options) else {
            return false
        }
        defer { try? file.close() }
        return flock(file.rawValue, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }

    /// Syncs the file and gives it its name.
    ///
    /// - Throws: `AtomicFileError`; the file is then as it was before, and the temporary is removed.
    public func commit() throws(AtomicFileError) {
        guard fsync(descriptor.rawValue) == 0, rename(temporary, target.string) == 0 else {
            let failure = Errno(rawValue: errno)
            discard()
            throw AtomicFileError(path: path, problem: .system(failure))
        }
        Temporaries.remove(temporary)
        try? descriptor.close()
        // The name is safe only when its folder is. Some file systems can't sync folders, and there's no remedy.
        let folder = target.removingLastComponent()
        if let folder = try? FileDescriptor.open(folder.isEmpty ? "." : folder, .readOnly, options: .closeOnExec) {
            fsync(folder.rawValue)
            try? folder.close()
        }
    }

    /// Removes what was written.
    public func discard() {
        unlink(temporary)
        Temporaries.remove(temporary)
        try? descriptor.close()
    }

    private static func place(of path: String) throws(AtomicFileError) -> (target: FilePath, temporary: String) {
        let target = FilePath(followingLinks(path))
        guard let name = target.lastComponent, name.kind == .regular, !path.hasSuffix("/") else {
            throw AtomicFileError(path: path, problem: .noName)
        }
        var status = stat()
        if stat(target.string, &status) == 0 {
            switch status.st_mode & S_IFMT {
            case S_IFREG: break
            case S_IFDIR: throw AtomicFileError(path: path, problem: .folder)
            default: throw AtomicFileError(path: path, problem: .special)
            }
        }
        return (target, target.removingLastComponent().appending(".\(name.string).partial").string)
    }

    /// Where a path leads in the end, be there a file or not.
    private static func followingLinks(_ path: String) -> String {
        var current = FilePath(path)
        for _ in 0..<40 {
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = readlink(current.string, &buffer, buffer.count)
            guard count > 0 else { break }
            let link = FilePath(String(decoding: buffer[..<count], as: UTF8.self))
            current = link.isAbsolute ? link : current.removingLastComponent().pushing(link)
        }
        return current.string
    }

    /// Opens and locks a temporary that is still under its name once it is locked.
    private static func open(
        _ path: String,
        _ start: Start,
        _ permissions: FilePermissions
    ) throws(Errno) -> (FileDescriptor, size: Int64) {
        for _ in 0..<20 {
            let file: FileDescriptor
            do {
                file = try .open(
                    FilePath(path),
                    .readWrite,
                    options: [.create, .closeOnExec, .noFollow],
                    permissions: permissions
                )
            } catch {
                throw error as? Errno ?? .ioError
            }
            var keeps = false
            defer { if !keeps { try? file.close() } }
            var waits = LOCK_EX
            if case .anew = start {} else { waits |= LOCK_NB }
            // A file system without locks does without.
            if flock(file.rawValue, waits) != 0, errno == EWOULDBLOCK { throw .wouldBlock }
            var own = stat()
            var named = stat()
            guard fstat(file.rawValue, &own) == 0 else { throw Errno(rawValue: errno) }
            // Between opening and locking, the other process may have come to its end.
            guard lstat(path, &named) == 0, own.st_ino == named.st_ino, own.st_dev == named.st_dev else { continue }
            guard own.st_mode & S_IFMT == S_IFREG, own.st_uid == geteuid() else {
                // Somebody else's file isn't trusted.
                guard unlink(path) == 0 else { throw Errno(rawValue: errno) }
                continue
            }
            if case .resuming = start {
                keeps = true
                return (file, Int64(own.st_size))
            }
            guard ftruncate(file.rawValue, 0) == 0 else { throw Errno(rawValue: errno) }
            keeps = true
            return (file, 0)
        }
        throw .resourceBusy
    }
}

/// Why a file can't be written.
public struct AtomicFileError: Error, Sendable, CustomStringConvertible {
    /// What is in the way.
    public enum Problem: Sendable, Equatable {
        /// The operating system refused something.
        case system(Errno)
        /// Another process writes the same file.
        case inUse
        /// There is a folder of this name.
        case folder
        /// It is a device, a pipe or a socket.
        case special
        /// The path doesn't end in a file's name.
        case noName
    }

    /// The path as it was given.
    public let path: String
    /// What is in the way.
    public let problem: Problem

    /// The problem in words, without the path.
    public var reason: String {
        switch problem {
        case .system(let errno): "\(errno)"
        case .inUse: "another process is writing it"
        case .folder: "it is a folder"
        case .special: "it is no plain file"
        case .noName: "this is not a file's name"
        }
    }

    /// What can't be written, and why.
    public var description: String { "Writing '\(path)': \(reason)" }
}
