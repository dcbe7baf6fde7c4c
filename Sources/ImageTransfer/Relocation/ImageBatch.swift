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
    /// Whether each image gets the tag that tells of its arrival; else it is there by the tags that are given, or by its
    /// digest alone.
    public let marksArrival: Bool

    /// Creates a batch of images for a repository.
    public init(
        _ trees: [ImageTree],
        to destination: any ImageRepository,
        tags: [Digest: [Tag]] = [:],
        markingArrival marksArrival: Bool = true
    ) {
        self.marksArrival = marksArrival
        self.destination = destination
        self.trees = trees
        self.tags = tags
    }

    /// The name of the repository.
    public var repository: Repository { destination.repository }

    /// The same with `trees` alone; nil if there are none.
    func with(_ trees: [ImageTree]) -> ImageBatch? {
        trees.isEmpty ? nil : ImageBatch(trees, to: destination, tags: tags, markingArrival: marksArrival)
    }

    var place: BlobTransfer.Place { BlobTransfer.Place(destination: destination) }
}
