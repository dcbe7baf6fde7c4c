import KubernetesYAML

/// What an image is built from, and how.
public struct BuildSource: Sendable, Hashable {
    /// Which references it is for.
    public var matcher: ImageMatcher
    /// The folder that holds the source, as written.
    public var path: String
    /// What builds it.
    public var builder: ImageBuilder

    /// Creates a source.
    public init(matcher: ImageMatcher, path: String, builder: ImageBuilder = .docker(ContainerfileOptions())) {
        self.matcher = matcher
        self.path = path
        self.builder = builder
    }

    init(_ node: ConfigurationNode) throws(ConfigurationError) {
        matcher = try ImageMatcher(node)
        guard let path = try node.string("path") else { throw node.error(.missing("path")) }
        self.path = path
        // A builder that isn't known, or is misspelt, must not be ignored: docker would build another image.
        for (name, value) in node.value.mapValue ?? [:] where value.mapValue != nil {
            guard ImageBuilder.names.contains(where: { $0.lowercased() == name.lowercased() }) else {
                throw node.error(.unknownOption(name, known: ImageBuilder.names))
            }
        }
        builder = try ImageBuilder(node)
    }
}
