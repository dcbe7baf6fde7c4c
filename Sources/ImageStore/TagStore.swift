public import ContainerImage

/// A repository whose tags can be listed, looked up and set.
public protocol TagStore: Sendable {
    /// All tags of the repository.
    func tags() async throws -> [String]

    /// The descriptor of what `tag` names.
    ///
    /// - Throws: Also when there is no such tag.
    func resolve(_ tag: Tag) async throws -> Descriptor

    /// The descriptor of what `tag` names; nil where there is no such tag.
    ///
    /// - Throws: Refusals that may mean that there is no such tag, among others: see ``StoreError/mayMeanAbsence``.
    func descriptor(of tag: Tag) async throws -> Descriptor?

    /// Makes `tags` name the manifest of `digest`, which the repository has.
    func tag(_ digest: Digest, as tags: [Tag]) async throws
}
