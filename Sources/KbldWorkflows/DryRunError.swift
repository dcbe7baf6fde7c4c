/// A dry run of what can be read only once.
public struct DryRunError: Error, Sendable, CustomStringConvertible {
    /// The package.
    public let path: String

    /// What can't be done, and what can.
    public var description: String { "A dry run needs the package as a file or a folder; '\(path)' is a stream" }
}
