public import ContainerImage
public import ImageStore

/// A tag that an image gets where it arrives.
public struct CompanionName: Hashable, Sendable {
    /// The tag.
    public var tag: Tag
    /// The image.
    public var image: DigestReference

    /// A name of an image.
    public init(tag: Tag, image: DigestReference) {
        self.tag = tag
        self.image = image
    }
}

/// An index of which only some entries were taken.
public struct Slimming: Hashable, Sendable {
    /// The index as documents have it.
    public var index: DigestReference
    /// The index that took its place.
    public var slimmed: DigestReference
    /// What was kept.
    public var platforms: [Platform]
}

/// Images, with what comes along with them.
public struct GatheredImages: Sendable {
    /// All that is copied: the images, then their companions.
    public internal(set) var trees: [ImageTree]
    /// The companions among them: referrers, and what cosign keeps.
    public internal(set) var companions: [DigestReference] = []
    /// The tags that companions have.
    public internal(set) var names: [CompanionName] = []
    /// The indexes that others took the place of.
    public internal(set) var slimmings: [Slimming] = []

    /// The distinct manifests and indexes in `trees`, at any depth.
    func references(in trees: [ImageTree]) -> [DigestReference] {
        var seen: Set<DigestReference> = []
        var pending = trees
        var found: [DigestReference] = []
        while let tree = pending.popLast() {
            if seen.insert(tree.reference).inserted { found.append(tree.reference) }
            if case .index(let branch) = tree { pending += branch.children }
        }
        return found
    }
}
