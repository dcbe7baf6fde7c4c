public import ContainerImage
public import ImageStore

/// Images with the artifacts attached to them.
public struct ImagesWithArtifacts: Sendable {
    /// All that is copied: the images, then their companions.
    public internal(set) var trees: [ImageTree]
    /// The companions among them: referrers, and what cosign keeps.
    public internal(set) var companions: [DigestReference] = []
    /// The tags that companions have.
    public internal(set) var names: [TaggedImage] = []
    /// The indexes that others took the place of.
    public internal(set) var platformFilters: [PlatformFilter] = []

    /// What may be missing of the companions, and why: a line for each.
    public internal(set) var remarks: [HintedText] = []

    /// The distinct manifests and indexes in `trees`, at any depth.
    func references(in trees: [ImageTree]) -> [DigestReference] {
        var seen: Set<DigestReference> = []
        return trees.flatMap(\.all).map(\.reference).filter { seen.insert($0).inserted }
    }
}
