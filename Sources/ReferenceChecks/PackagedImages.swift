public import ContainerImage

/// The images of a package.
public struct PackagedImages: Sendable {
    /// What the package is called.
    public var name: String
    /// Images under the names that they were packaged by.
    public var references: Set<DigestReference>
    /// Images that the digest alone tells, as the package doesn't say where they are from.
    public var digests: Set<Digest>
    /// What the package records of tags.
    public var tags: [ImageReference: Digest]
    /// Which of the images are signed as they must be, where that was asked.
    public var signatures: [Digest: SignatureFinding] = [:]

    /// Creates a list of a package's images.
    public init(
        name: String,
        references: Set<DigestReference>,
        digests: Set<Digest> = [],
        tags: [ImageReference: Digest] = [:]
    ) {
        self.name = name
        self.references = references
        self.digests = digests
        self.tags = tags
    }

    func contains(_ reference: DigestReference) -> Bool {
        references.contains(reference) || digests.contains(reference.digest) || tags[.digest(reference)] != nil
    }

    func contains(_ repository: Repository, _ tag: Tag) -> Bool { tags[.tag(repository, tag)] != nil }
}
