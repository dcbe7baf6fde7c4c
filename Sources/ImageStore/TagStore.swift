public import ContainerImage

/// A repository whose tags can be listed, looked up and set.
public protocol TagStore: Sendable {
    /// All tags of the repository.
    func tags() async throws -> [String]

    /// The first `limit` tags of the repository. What comes behind them isn't asked for.
    func tags(atMost limit: Int) async throws -> TagList

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

extension TagStore {
    /// The first tags of the whole list.
    public func tags(atMost limit: Int) async throws -> TagList { TagList(try await tags(), atMost: limit) }
}
