public import ContainerImage

/// Two images that are to have one name in the target.
public struct MirrorCollisionError: Error, Sendable, CustomStringConvertible {
    /// The images.
    public let sources: [ImageReference]
    /// The name.
    public let target: String

    /// What is wrong, and what to do.
    public var description: String {
        "\(sources.map(\.description).sorted().joined(separator: " and ")) would both become \(target); "
            + "use the layout mirror-with-host, or two documents with different targets"
    }
}
