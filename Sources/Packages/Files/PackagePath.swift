import LibC
import SystemPackage

/// What a package's path means: a file, or something that bytes pass through.
public enum PackagePath {
    /// The path that means standard input or output.
    public static let standardStream = "-"

    /// Whether the package passes through once, in order: `-`, a pipe, a socket, a device, or an open descriptor's name
    /// such as `/dev/fd/3`. Everything else is a file, with bytes at any place.
    public static func isStream(_ path: String) -> Bool {
        if path == standardStream || path == "/dev/stdin" || path == "/dev/stdout" { return true }
        if path.hasPrefix("/dev/fd/") || path.hasPrefix("/proc/self/fd/") { return true }
        var status = stat()
        guard stat(path, &status) == 0 else { return false }
        return status.st_mode & S_IFMT != S_IFREG && status.st_mode & S_IFMT != S_IFDIR
    }

    /// What to call a package in messages.
    static func shown(_ path: String) -> String { path == standardStream ? "standard input" : path }

    /// Whether bytes at any place can be read of `path`: standard input and open descriptors may be files.
    public static func isSeekable(_ path: String) -> Bool {
        var status = stat()
        guard (path == standardStream ? fstat(STDIN_FILENO, &status) : stat(path, &status)) == 0 else { return true }
        return ![S_IFIFO, S_IFSOCK, S_IFCHR].contains(status.st_mode & S_IFMT)
    }

    /// Whether something begins as texts do: documents, and no package.
    static func looksLikeText(_ start: some Collection<UInt8>) -> Bool {
        !start.isEmpty && start.allSatisfy { $0 >= 0x20 && $0 != 0x7F || (0x09...0x0D).contains($0) }
    }

    /// Whether the file begins as a tarball does.
    static func looksLikeTarball(_ file: RandomAccessFile) -> Bool {
        guard let block = try? file.bytes(at: 0, count: TarHeader.blockSize, entry: nil) else { return false }
        return isTarballHeader(block)
    }

    /// Whether `start` is the first block of a tarball.
    static func isTarballHeader(_ start: [UInt8]) -> Bool {
        start.count == TarHeader.blockSize && (try? TarHeaderBlock(start[...])) != nil
    }

    /// Whether a file in which there is no entry may be what is left of a tarball: it is empty, ends as tarballs do, or is
    /// the beginning of one.
    package static func mayBeTarball(_ file: RandomAccessFile) throws(ArchiveError) -> Bool {
        let start = try file.bytes(at: 0, count: Int(min(file.size, Int64(TarHeader.blockSize))), entry: nil)
        return start.allSatisfy { $0 == 0 } || start.count < TarHeader.blockSize && start.contains(0)
            || start.dropFirst(257).starts(with: "ustar".utf8)
    }

    /// Makes sure that a package isn't written to a terminal.
    ///
    /// - Throws: `ArchiveError.terminal`.
    public static func refuseTerminal(_ path: String) throws(ArchiveError) {
        if path == standardStream || path == "/dev/stdout" {
            guard isatty(STDOUT_FILENO) == 0 else { throw .terminal(path: "standard output") }
        } else if path.hasPrefix("/dev/tty") || path.hasPrefix("/dev/pts/") {
            throw .terminal(path: path)
        }
    }

    /// Makes sure that a package isn't read from a terminal: nobody types one.
    ///
    /// - Throws: `ArchiveError.terminalInput`.
    static func refuseTerminalInput(_ path: String) throws(ArchiveError) {
        if path == standardStream || path == "/dev/stdin" {
            guard isatty(STDIN_FILENO) == 0 else { throw .terminalInput(path: "standard input") }
        } else if path.hasPrefix("/dev/tty") || path.hasPrefix("/dev/pts/") {
            throw .terminalInput(path: path)
        }
    }

    /// Lets a pipe hold more than the 64 KiB that it has at first: there are fewer switches between its two ends then.
    static func widenPipe(_ descriptor: SystemPackage.FileDescriptor) {
        // F_SETPIPE_SZ, which Glibc's Swift module doesn't name. What is not a pipe refuses, and that's fine.
        _ = fcntl(descriptor.rawValue, 1031, 1 << 20)
    }
}
