public import ContainerImage
public import ImageStore

/// Images that go into one repository.
public struct ImageBatch: Sendable {
    /// The repository.
    public let destination: any ImageRepository
    /// The images.
    public let trees: [ImageTree]
    /// Additional tags for images.
    public let tags: [Digest: [Tag]]

    /// Creates a batch of images for a repository.
    public init(_ trees: [ImageTree], to destination: any ImageRepository, tags: [Digest: [Tag]] = [:]) {
        self.destination = destination
        self.trees = trees
        self.tags = tags
    }

    /// The name of the repository.
    public var repository: Repository { destination.repository }

    /// The same with `trees` alone; nil if there are none.
    func with(_ trees: [ImageTree]) -> ImageBatch? {
        trees.isEmpty ? nil : ImageBatch(trees, to: destination, tags: tags)
    }

    var place: BlobTransfer.Place { BlobTransfer.Place(destination: destination) }
}
