import Algorithms
public import ContainerImage
public import ImageStore

/// Images with the artifacts attached to them.
public struct ImagesWithArtifacts: Sendable {
    /// All that is copied: the images, then their artifacts.
    public internal(set) var trees: [ImageTree]
    /// The artifacts among them: referrers, and what cosign keeps.
    public internal(set) var artifacts: [DigestReference] = []
    /// The tags that artifacts have.
    public internal(set) var names: [TaggedImage] = []
    /// The indexes that others took the place of.
    public internal(set) var platformFilters: [PlatformFilter] = []

    /// What may be missing of the artifacts, and why: a line for each.
    public internal(set) var remarks: [HintedText] = []

    /// Creates images that have nothing attached so far.
    public init(trees: [ImageTree]) { self.trees = trees }

    /// The distinct manifests and indexes in `trees`, at any depth.
    func references(in trees: [ImageTree]) -> [DigestReference] {
        Array(trees.flatMap(\.all).map(\.reference).uniqued())
    }
}
