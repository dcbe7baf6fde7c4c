import LibC
public import SystemPackage

/// Folders that are made for what is written into them, and go away again where nothing is.
public struct NewFolders: Sendable {
    /// The ones that were made, outer ones first.
    private var made: [FilePath] = []

    /// Knows of no folder yet.
    public init() {}

    /// Makes the folder `path`, unless something is there.
    ///
    /// - Throws: `Errno` when it can't be made.
    public mutating func make(_ path: String) throws(Errno) {
        let path = FilePath(path)
        guard path.withPlatformString({ mkdir($0, 0o755) }) == 0 else {
            guard errno == EEXIST else { throw Errno(rawValue: errno) }
            return
        }
        made.append(path)
    }

    /// Removes those that were made and are empty.
    public func removeEmpty() {
        for path in made.reversed() { _ = path.withPlatformString { rmdir($0) } }
    }
}
