import LibC
public import SystemPackage

/// A file that appears under its name only when it is whole: written beside its place, synced, renamed.
///
/// A link's target is replaced, not the link; the permissions of a file that is replaced stay, without set-ID bits and
/// the right of everybody to write. What is written is a temporary whose name follows from the file's, locked while it
/// is written to: a process that was killed leaves at most this one, and the next that writes the file takes it up or
/// clears it.
public struct AtomicFile: Sendable {
    /// What to do about another process that writes the same file, and about what one left.
    public enum Start: Sendable {
        /// Wait until the other is done, but not for long; begin anew.
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
    /// Where the temporary is.
    public let temporary: FilePath
    private let target: FilePath

    /// What of a replaced file's permissions stays.
    private static let keptPermissions: mode_t = 0o775

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
            let problem = error == .wouldBlock ? .inUse : Self.problem(error, at: target, for: path)
            throw AtomicFileError(path: path, problem: problem)
        }
        var status = stat()
        if target.withPlatformString({ stat($0, &status) }) == 0 {
            fchmod(descriptor.rawValue, status.st_mode & Self.keptPermissions)
        }
        Temporaries.add(temporary)
    }

    private static func problem(_ error: Errno, at target: FilePath, for path: String) -> AtomicFileError.Problem {
        let isLink = error == .noSuchFileOrDirectory && target != FilePath(path)
        return isLink ? .danglingLink(target.string) : .system(error)
    }

    /// Makes sure, as far as that is possible without writing, that `path` can be written.
    ///
    /// - Parameter start: What is to be done about another process that writes the same file.
    /// - Throws: `AtomicFileError` saying why it can't.
    public static func check(_ path: String, start: Start) throws(AtomicFileError) {
        let place = try place(of: path)
        let folder = place.target.removingLastComponent()
        let problem: Errno? = (folder.isEmpty ? FilePath(".") : folder).withPlatformString { name in
            var status = stat()
            guard stat(name, &status) == 0 else { return Errno(rawValue: errno) }
            guard status.st_mode & S_IFMT == S_IFDIR else { return .notDirectory }
            return access(name, W_OK | X_OK) == 0 ? nil : Errno(rawValue: errno)
        }
        if let problem {
            throw AtomicFileError(path: path, problem: Self.problem(problem, at: place.target, for: path))
        }
        let options: FileDescriptor.OpenOptions = [.closeOnExec, .noFollow, .nonBlocking]
        guard let file = try? FileDescriptor.open(place.temporary, .readOnly, options: options) else { return }
        defer { try? file.close() }
        guard FileLock.take(file, LOCK_SH, waits: start.waits) else {
            throw AtomicFileError(path: path, problem: .inUse)
        }
    }

    /// Syncs the file and gives it its name.
    ///
    /// - Throws: `AtomicFileError`; the file is then as it was before, and the temporary is removed.
    public func commit() throws(AtomicFileError) {
        let isDone =
            fsync(descriptor.rawValue) == 0
            && temporary.withPlatformString { old in target.withPlatformString { rename(old, $0) } } == 0
        guard isDone else {
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

    /// Syncs and closes the temporary, which gets the file's name later.
    ///
    /// - Throws: `AtomicFileError`; the temporary is then removed.
    public func seal() throws(AtomicFileError) -> SealedFile {
        guard fsync(descriptor.rawValue) == 0 else {
            let failure = Errno(rawValue: errno)
            discard()
            throw AtomicFileError(path: path, problem: .system(failure))
        }
        try? descriptor.close()
        return SealedFile(path: path, temporary: temporary, target: target)
    }

    /// Where the temporary of the file `path` is, be there one or not.
    ///
    /// - Throws: `AtomicFileError` when there can be none.
    public static func temporary(of path: String) throws(AtomicFileError) -> FilePath { try place(of: path).temporary }

    /// Removes what was written.
    public func discard() {
        _ = temporary.withPlatformString { unlink($0) }
        Temporaries.remove(temporary)
        try? descriptor.close()
    }

    /// Leaves the temporary where it is, for a later run that starts `resuming`.
    public func keep() {
        Temporaries.remove(temporary)
        try? descriptor.close()
    }

    /// From now on the temporary stays when the process must end at once.
    public func outlastProcess() { Temporaries.remove(temporary) }
}

extension AtomicFile.Start {
    /// Whether another process is waited for.
    var waits: Bool { if case .anew = self { true } else { false } }
}
