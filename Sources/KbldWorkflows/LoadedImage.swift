import ContainerImage
import ImageStore

/// An image under one of its names.
struct LoadedImage {
    let tree: ImageTree
    /// Nil for the name by digest.
    let tag: TaggedImage?

    /// The name as runtimes have it.
    var name: String {
        let repository = RuntimeTags.name(of: tree.reference.repository)
        return tag.map { "\(repository):\($0.tag)" } ?? "\(repository)@\(tree.reference.digest)"
    }
}
