public import ContainerImage

/// A repository whose tags can be listed, looked up and set.
public protocol TagStore: Sendable {
    /// All tags of the repository.
    func tags() async throws -> [String]

    /// The descriptor of what `tag` names.
    ///
    /// - Throws: Also if the tag doesn't exist.
    func resolve(_ tag: Tag) async throws -> Descriptor

    /// The descriptor of what `tag` names; nil if the tag doesn't exist.
    ///
    /// - Throws: Among others, refusals that may mean that the tag doesn't exist: see ``StoreError/mayMeanAbsence``.
    func descriptor(of tag: Tag) async throws -> Descriptor?

    /// Makes `tags` name the manifest of `digest`, which the repository has.
    func tag(_ digest: Digest, as tags: [Tag]) async throws
}
