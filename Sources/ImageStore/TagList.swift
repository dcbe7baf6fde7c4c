/// Tags of a repository, as far as they were asked for.
public struct TagList: Sendable, Hashable {
    /// The tags.
    public var tags: [String]
    /// Whether these are all.
    public var isComplete: Bool

    /// Creates a list.
    public init(_ tags: [String], isComplete: Bool = true) {
        self.tags = tags
        self.isComplete = isComplete
    }

    /// The first tags of a whole list.
    public init(_ tags: [String], atMost limit: Int) {
        self.init(Array(tags.prefix(limit)), isComplete: tags.count <= limit)
    }
}
