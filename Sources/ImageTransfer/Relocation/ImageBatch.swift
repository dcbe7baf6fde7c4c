public import ContainerImage
public import ImageStore

/// Images that go into one repository.
public struct ImageBatch: Sendable {
    /// Which repository it is.
    public let repository: Repository
    /// The repository, as something that takes images.
    public let destination: any ImageDestination
    /// The images.
    public let trees: [ImageTree]
    /// Further tags for images, besides those under which they arrive.
    public let tags: [Digest: [Tag]]

    /// Images for a repository.
    public init(
        _ trees: [ImageTree],
        to repository: Repository,
        at destination: any ImageDestination,
        tags: [Digest: [Tag]] = [:]
    ) {
        self.repository = repository
        self.destination = destination
        self.trees = trees
        self.tags = tags
    }

    /// The same with `trees` alone; nil where there are none.
    func with(_ trees: [ImageTree]) -> ImageBatch? {
        trees.isEmpty ? nil : ImageBatch(trees, to: repository, at: destination, tags: tags)
    }

    var place: BlobTransfer.Place { BlobTransfer.Place(repository: repository, destination: destination) }
}
