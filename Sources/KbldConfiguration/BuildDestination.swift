import ContainerImage

/// Where an image that was built is pushed.
public struct BuildDestination: Sendable, Hashable {
    /// Which references it is for.
    public var matcher: ImageMatcher
    /// The repository that it is pushed to.
    public var newImage: String
    /// Additional tags for it.
    public var tags: [String]

    /// Creates a destination.
    public init(matcher: ImageMatcher, newImage: String, tags: [String] = []) {
        self.matcher = matcher
        self.newImage = newImage
        self.tags = tags
    }

    /// Without `newImage` the image itself names the repository.
    init(_ node: ConfigurationNode) throws(ConfigurationError) {
        matcher = try ImageMatcher(node)
        switch (try node.string("newImage"), matcher) {
        case (let newImage?, _): self.newImage = newImage
        case (nil, .image(let image)): newImage = image
        case (nil, .imageRepo): throw node.error(.missing("newImage"))
        }
        tags = try node.strings("tags")
        for tag in tags {
            do {
                _ = try Tag(tag)
            } catch {
                throw (node.child("tags") ?? node).error(.badTag(error))
            }
        }
    }
}
