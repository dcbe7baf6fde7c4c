import LibC
public import SystemPackage

/// A file that is whole and on the disk, and doesn't have its name yet.
public struct SealedFile: Sendable {
    /// The path as it was given.
    public let path: String
    /// Where it is until it has its name.
    public let temporary: FilePath
    private let target: FilePath

    init(path: String, temporary: FilePath, target: FilePath) {
        self.path = path
        self.temporary = temporary
        self.target = target
    }

    /// A file that an earlier run sealed, as it was before it had the name `path`.
    ///
    /// - Throws: `AtomicFileError` when there can be no such file.
    public init(path: String) throws(AtomicFileError) {
        let place = try AtomicFile.place(of: path)
        self.init(path: path, temporary: place.temporary, target: place.target)
    }

    /// Gives the file its name.
    ///
    /// - Throws: `AtomicFileError`; the temporary is still there then.
    public func place() throws(AtomicFileError) {
        guard temporary.withPlatformString({ old in target.withPlatformString { rename(old, $0) } }) == 0 else {
            throw AtomicFileError(path: path, problem: .system(Errno(rawValue: errno)))
        }
        Temporaries.remove(temporary)
        // Some file systems can't sync folders, and there's no remedy.
        let folder = target.removingLastComponent()
        if let folder = try? FileDescriptor.open(folder.isEmpty ? "." : folder, .readOnly, options: .closeOnExec) {
            fsync(folder.rawValue)
            try? folder.close()
        }
    }

    /// Removes the file.
    public func discard() {
        _ = temporary.withPlatformString { unlink($0) }
        Temporaries.remove(temporary)
    }

    /// Leaves the temporary where it is, for a later run.
    public func keep() { Temporaries.remove(temporary) }
}
