/// What an image is built from, and how.
public struct BuildSource: Sendable, Hashable {
    /// Which references it is for.
    public var matcher: ImageMatcher
    /// The folder that holds the source, as written.
    public var path: String
    /// What builds it.
    public var builder: ImageBuilder

    /// A source of its parts.
    public init(matcher: ImageMatcher, path: String, builder: ImageBuilder = .docker(ContainerfileOptions())) {
        self.matcher = matcher
        self.path = path
        self.builder = builder
    }

    init(_ node: ConfigurationNode) throws(ConfigurationError) {
        matcher = try ImageMatcher(node)
        guard let path = try node.string("path") else { throw node.error(.missing("path")) }
        self.path = path
        builder = try ImageBuilder(node)
    }
}
