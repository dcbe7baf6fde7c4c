import LibC
import Synchronization
import SystemPackage

/// The temporaries of this process that are not done with.
public enum Temporaries {
    // A process ends as a whole, so what it must remove then is kept for the whole process.
    private static let paths = Mutex<Set<FilePath>>([])

    static func add(_ path: FilePath) { paths.withLock { _ = $0.insert(path) } }
    static func remove(_ path: FilePath) { paths.withLock { _ = $0.remove(path) } }

    /// Removes all of them, for a process that must end at once.
    public static func removeAll() {
        paths.withLock { paths in
            for path in paths { _ = path.withPlatformString { unlink($0) } }
            paths = []
        }
    }
}
