public import ContainerImage

/// A registry that takes no index without all that it names.
public struct SparseIndexError: HintedError, Sendable {
    /// The registry.
    public let registry: String
    /// A platform whose image is there.
    public let platform: Platform
    /// What it said.
    public let cause: any Error

    /// What happened, and what else there is.
    public var message: HintedText {
        let choice: HintedText = """
            \(hint: .filterIndex, after: "; or install one platform: ", before: " \(platform)")\
            \(hint: .changeDigest, after: " ")
            """
        return """
            \(registry) doesn't take an index without all its images. Docker's registry from version 3 does with \
            validation.manifests.indexes.platforms
            """ + choice
    }
}
