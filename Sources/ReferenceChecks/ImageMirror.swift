public import ContainerImage

/// Where images are installed, or are to be.
public struct ImageMirror: Sendable {
    /// The repository that they are in, or below.
    public var root: Repository
    /// The repository that has what was in another one.
    public var place: @Sendable (Repository) throws(ReferenceError) -> Repository

    /// Creates a mirror.
    ///
    /// - Parameter place: The repository for what was in another one.
    public init(root: Repository, place: @escaping @Sendable (Repository) throws(ReferenceError) -> Repository) {
        self.root = root
        self.place = place
    }

    /// The image as the mirror has it; one that is there already stays.
    func reference(for reference: DigestReference) throws(ReferenceError) -> DigestReference {
        let source = reference.repository
        if source == root || source.description.hasPrefix("\(root)/") { return reference }
        return DigestReference(repository: try place(source), digest: reference.digest)
    }
}
