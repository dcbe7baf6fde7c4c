/// What a reference came to.
public struct ResolvedImage: Sendable, Hashable {
    /// The image by digest.
    public var url: String
    /// How it came about; empty for a reference that had a digest already.
    public var origins: [Origin]

    /// Creates a resolved image.
    public init(url: String, origins: [Origin]) {
        self.url = url
        self.origins = origins
    }
}
