/// A dry run of a stream that would have to be read to its end.
public struct DryRunError: Error, Sendable, CustomStringConvertible {
    /// The package.
    public let path: String

    /// What can't be done, and what can.
    public var description: String {
        "A dry run judges the images' signatures, and in the stream '\(path)' they come after other layers; "
            + "give the package as a file or a folder"
    }
}
