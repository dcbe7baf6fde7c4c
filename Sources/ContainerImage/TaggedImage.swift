/// An image and a tag that it has, or gets where it arrives.
public struct TaggedImage: Hashable, Sendable, Codable {
    /// The tag.
    public var tag: Tag
    /// The image.
    public var image: DigestReference

    /// Creates a name of an image.
    public init(tag: Tag, image: DigestReference) {
        self.tag = tag
        self.image = image
    }
}
