import SystemPackage

/// A file of a registry that can't be written, or has changed since.
public struct StorageError: Error, Sendable, CustomStringConvertible {
    /// The file or folder.
    public let path: String
    private let reason: String

    init(path: String, reason: String) {
        self.path = path
        self.reason = reason
    }

    init(path: String, errno: Int32) { self.init(path: path, reason: "\(Errno(rawValue: errno))") }

    init(path: String, _ error: any Error) {
        self = error as? StorageError ?? StorageError(path: path, errno: (error as? Errno)?.rawValue ?? 5)
    }

    /// The path and the reason.
    public var description: String { "Writing '\(path)': \(reason)" }
}
