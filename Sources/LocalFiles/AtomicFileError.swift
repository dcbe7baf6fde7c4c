public import SystemPackage

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
        /// It is a link to this path, whose folder doesn't exist.
        case danglingLink(String)
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
        case .special: "it is not a regular file"
        case .noName: "this is not a file's name"
        case .danglingLink(let target): "it is a link to '\(target)', and the folder of that doesn't exist"
        }
    }

    /// What can't be written, and why.
    public var description: String { "Writing '\(path)': \(reason)" }
}
