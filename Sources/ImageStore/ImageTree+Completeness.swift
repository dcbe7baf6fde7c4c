public import ContainerImage

extension ImageTree {
    /// Whether all that it leads to is there.
    public var isComplete: Bool { isComplete(without: []) }

    /// Whether all that it leads to is there, but for what may be absent.
    ///
    /// - Parameter optional: The entries of indexes that may be.
    public func isComplete(without optional: Set<Digest>) -> Bool {
        switch self {
        case .image: true
        case .index(let branch):
            branch.absent.allSatisfy { optional.contains($0.digest) }
                && branch.children.allSatisfy { $0.isComplete(without: optional) }
        }
    }

    /// Whether it is an index that names what isn't there.
    public var isSparse: Bool {
        if case .index(let branch) = self { !branch.absent.isEmpty } else { false }
    }

    /// Itself where it is complete, else those of its entries that are, at any depth.
    public var completeParts: [ImageTree] { completeParts(without: []) }

    /// Itself where it is complete but for what may be absent, else those of its entries that are, at any depth.
    ///
    /// - Parameter optional: The entries of indexes that may be absent.
    public func completeParts(without optional: Set<Digest>) -> [ImageTree] {
        guard !isComplete(without: optional), case .index(let branch) = self else { return [self] }
        return branch.children.flatMap { $0.completeParts(without: optional) }
    }

    /// The platforms that an index names of the images that are there, at any depth, without those of attestations.
    public var platforms: [Platform] {
        guard case .index(let branch) = self, case .index(let index)? = try? branch.manifest.parsed() else { return [] }
        let there = Dictionary(branch.children.map { ($0.manifest.digest, $0) }) { first, _ in first }
        return index.manifests.flatMap { entry -> [Platform] in
            guard let child = there[entry.digest] else { return [] }
            if let platform = entry.platform { return platform.isUnknown ? [] : [platform] }
            return child.platforms
        }
    }

    /// How many images an index names for a platform, those included that aren't there.
    public var platformCount: Int {
        platforms.count + absent.count { $0.platform.map { !$0.isUnknown } ?? false }
    }

    /// The entries that aren't there, at any depth.
    public var absent: [Descriptor] {
        guard case .index(let branch) = self else { return [] }
        return branch.absent + branch.children.flatMap(\.absent)
    }
}

extension [ImageTree] {
    /// Whether there are indexes, and none of the images that they name.
    public var lacksAllImages: Bool { !isEmpty && allSatisfy { $0.images.isEmpty && !$0.isComplete } }

    /// How many images and indexes the trees of a package may have together, each counted as often as it is led to.
    public static let countLimit = 10 * ImageTree.countLimit
}
