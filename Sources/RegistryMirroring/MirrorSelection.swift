public import ContainerImage

/// What a document names at one moment: the tags that its target is to have.
public struct MirrorSelection: Sendable {
    /// The tags by the target's repositories, those included that images by digest get.
    public var tags: [Repository: Set<Tag>] = [:]
    /// The images by digest, by the target's repositories.
    public var pinned: [Repository: Set<Digest>] = [:]
    /// All repositories that the document maps to.
    public var repositories: Set<Repository> = []
    /// The repositories of which it couldn't be found out what is wanted.
    public var unknown: Set<Repository> = []
    /// What couldn't be found out.
    public var failures: [MirrorPlan.Failure] = []
    /// Whether anything may be wanted anywhere: documents couldn't be read.
    public var isIncomplete = false
}
