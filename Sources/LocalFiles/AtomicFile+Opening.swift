import LibC
import SystemPackage

/// Where the temporary is, and opening it. Paths are bytes here: what a link leads to needn't be text.
extension AtomicFile {
    static func place(of path: String) throws(AtomicFileError) -> (target: FilePath, temporary: FilePath) {
        guard let target = followingLinks(FilePath(path)) else {
            throw AtomicFileError(path: path, problem: .system(.tooManySymbolicLinkLevels))
        }
        guard let name = target.lastComponent, name.kind == .regular, !path.hasSuffix("/") else {
            throw AtomicFileError(path: path, problem: .noName)
        }
        var status = stat()
        if target.withPlatformString({ stat($0, &status) }) == 0 {
            switch status.st_mode & S_IFMT {
            case S_IFREG: break
            case S_IFDIR: throw AtomicFileError(path: path, problem: .folder)
            default: throw AtomicFileError(path: path, problem: .special)
            }
        }
        guard let temporary = temporaryName(of: name) else {
            throw AtomicFileError(path: path, problem: .noName)
        }
        return (target, target.removingLastComponent().appending(temporary))
    }

    /// Where a path leads in the end, be there a file or not; nil if links lead to each other.
    private static func followingLinks(_ path: FilePath) -> FilePath? {
        var current = path
        for _ in 0..<40 {
            var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
            let count = current.withPlatformString { readlink($0, &buffer, buffer.count - 1) }
            guard count > 0 else { return current }
            let link = FilePath(platformString: Array(buffer[...count]))
            current = link.isAbsolute ? link : current.removingLastComponent().pushing(link)
        }
        return nil
    }

    /// `.NAME.partial`; of a name that leaves no room for that, its beginning and a hash of all of it.
    private static func temporaryName(of name: FilePath.Component) -> FilePath.Component? {
        let bytes = name.withPlatformString { Array(UnsafeBufferPointer(start: $0, count: strlen($0))) }
        let end = Array(".partial".utf8CString)
        var whole = Array(".".utf8CString.dropLast()) + bytes
        if whole.count + end.count - 1 > Int(NAME_MAX) {
            // FNV-1a: what matters is that the name is always the same, and hardly another's.
            let hash = bytes.reduce(UInt64(0xcbf2_9ce4_8422_2325)) {
                ($0 ^ UInt64(UInt8(bitPattern: $1))) &* 0x100_0000_01b3
            }
            whole = whole.prefix(200) + Array("-\(String(hash, radix: 16))".utf8CString.dropLast())
        }
        return FilePath.Component(platformString: whole + end)
    }

    /// Opens and locks a temporary that is still under its name once it is locked.
    static func open(
        _ path: FilePath,
        _ start: Start,
        _ permissions: FilePermissions
    ) throws(Errno) -> (FileDescriptor, size: Int64) {
        for _ in 0..<20 {
            var named = stat()
            // A link isn't followed; it isn't ours.
            if path.withPlatformString({ lstat($0, &named) }) == 0, named.st_mode & S_IFMT == S_IFLNK {
                try remove(path)
            }
            guard let (file, isNew) = try openOrCreate(path, permissions) else { continue }
            var keeps = false
            defer { if !keeps { try? file.close() } }
            guard FileLock.take(file, LOCK_EX, waits: start.waits) else { throw .wouldBlock }
            var own = stat()
            guard fstat(file.rawValue, &own) == 0 else { throw Errno(rawValue: errno) }
            // Between opening and locking, the other process may have come to its end.
            guard path.withPlatformString({ lstat($0, &named) }) == 0, own.st_ino == named.st_ino,
                own.st_dev == named.st_dev
            else { continue }
            // Somebody else's file isn't trusted, and one that has other names too isn't a temporary: it loses this name.
            guard own.st_mode & S_IFMT == S_IFREG, own.st_uid == geteuid(), own.st_nlink == 1 else {
                try remove(path)
                continue
            }
            guard isNew else {
                guard case .resuming = start else {
                    // A new one has the right permissions, and nobody else has it open.
                    try remove(path)
                    continue
                }
                fchmod(file.rawValue, own.st_mode & mode_t(permissions.rawValue))
                keeps = true
                return (file, Int64(own.st_size))
            }
            keeps = true
            return (file, 0)
        }
        throw .resourceBusy
    }

    /// Nil if the file has been removed meanwhile.
    private static func openOrCreate(
        _ path: FilePath,
        _ permissions: FilePermissions
    ) throws(Errno) -> (FileDescriptor, isNew: Bool)? {
        let options: FileDescriptor.OpenOptions = [.closeOnExec, .noFollow]
        do {
            let new = options.union([.create, .exclusiveCreate])
            return (try .open(path, .readWrite, options: new, permissions: permissions), true)
        } catch Errno.fileExists {
            do {
                return (try .open(path, .readWrite, options: options), false)
            } catch {
                guard error as? Errno == .noSuchFileOrDirectory else { throw error as? Errno ?? .ioError }
                return nil
            }
        } catch {
            throw error as? Errno ?? .ioError
        }
    }

    private static func remove(_ path: FilePath) throws(Errno) {
        guard path.withPlatformString({ unlink($0) }) == 0 else { throw Errno(rawValue: errno) }
    }
}
