public import ContainerImage

/// A registry that takes no index without all that it names.
public struct SparseIndexError: HintedError, Sendable {
    /// The repository.
    public let registry: String
    /// What it said.
    public let cause: any Error

    /// What happened, and what else there is.
    public var message: HintedText {
        """
        \(registry) doesn't take an index without all of its images: let the registry take such (Docker's, from version 3 \
        on, by validation.manifests.indexes.platforms)\(hint: .filterIndex, after: ", or "); the images themselves have \
        arrived
        """
    }
}
