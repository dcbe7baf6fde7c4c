import LibC
import SystemPackage

/// A lock that one process at a time has, of a folder that it writes into, or by a file that is there for nothing else; it
/// is given up when nothing refers to it any more.
public final class FileLock: Sendable {
    private let descriptor: FileDescriptor

    /// How long another process is waited for that should be done at once, in milliseconds.
    static let patience = 2000
    private static let pause = 20

    /// Locks the folder `path`.
    ///
    /// - Throws: `AtomicFileError` when it can't be opened, or another process has the lock.
    public init(folder path: String) throws(AtomicFileError) {
        do {
            descriptor = try .open(FilePath(path), .readOnly, options: [.directory, .closeOnExec])
        } catch {
            throw AtomicFileError(path: path, problem: .system(error as? Errno ?? .ioError))
        }
        // `deinit` runs after a throw too, as everything is initialized by now: it alone closes the descriptor.
        guard Self.take(descriptor, LOCK_EX, waits: false) else {
            throw AtomicFileError(path: path, problem: .inUse)
        }
    }

    /// Locks by the file `path`, which is made where it isn't there and stays; waits for as long as another has the lock.
    ///
    /// - Parameter waiting: Called once where there is something to wait for.
    /// - Throws: `AtomicFileError` when it can't be opened; `CancellationError`.
    public init(waitingFor path: String, waiting: () -> Void) async throws {
        do {
            descriptor = try .open(
                FilePath(path),
                .readWrite,
                options: [.create, .closeOnExec],
                permissions: FilePermissions(rawValue: 0o600)
            )
        } catch {
            throw AtomicFileError(path: path, problem: .system(error as? Errno ?? .ioError))
        }
        var isFirst = true
        while !Self.take(descriptor, LOCK_EX, waits: false) {
            if isFirst { waiting() }
            isFirst = false
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    deinit { try? descriptor.close() }

    /// Whether the lock could be had. A file system without locks does without.
    static func take(_ file: FileDescriptor, _ kind: Int32, waits: Bool) -> Bool {
        for _ in 0...(waits ? patience / pause : 0) {
            if flock(file.rawValue, kind | LOCK_NB) == 0 || errno != EWOULDBLOCK { return true }
            if waits { usleep(UInt32(pause) * 1000) }
        }
        return false
    }
}
