import SystemPackage

/// A file of a registry that can't be written or listed, or has changed since.
public struct StorageError: Error, Sendable, CustomStringConvertible {
    /// What was being done with the file.
    enum Action: String {
        case reading = "Reading"
        case writing = "Writing"
    }

    /// The file or folder.
    public let path: String
    private let action: Action
    private let reason: String
    /// Whether the file could be read, and has other content than it was given: no other try gives another answer.
    let isDamage: Bool

    init(path: String, reason: String) {
        self.path = path
        self.reason = reason
        action = .writing
        isDamage = false
    }

    /// Creates an error for a file that has other content than it was given.
    init(damaged path: String, reason: String) {
        self.path = path
        self.reason = reason
        action = .reading
        isDamage = true
    }

    init(_ action: Action = .writing, path: String, errno: Int32) {
        self.path = path
        self.action = action
        reason = "\(Errno(rawValue: errno))"
        isDamage = false
    }

    init(path: String, _ error: any Error) {
        self = error as? StorageError ?? StorageError(path: path, errno: (error as? Errno)?.rawValue ?? 5)
    }

    /// The path and the reason.
    public var description: String { "\(action.rawValue) '\(path)': \(reason)" }
}
