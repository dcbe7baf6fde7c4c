public import ContainerImage

extension ImageTree {
    /// Whether all that it leads to is there.
    public var isComplete: Bool {
        switch self {
        case .image: true
        case .index(let branch): branch.absent.isEmpty && branch.children.allSatisfy(\.isComplete)
        }
    }

    /// Itself where it is complete, else those of its entries that are, at any depth.
    public var completeParts: [ImageTree] {
        guard !isComplete, case .index(let branch) = self else { return [self] }
        return branch.children.flatMap(\.completeParts)
    }

    /// The entries that aren't there, at any depth.
    public var absent: [Descriptor] {
        guard case .index(let branch) = self else { return [] }
        return branch.absent + branch.children.flatMap(\.absent)
    }
}

extension [ImageTree] {
    /// How many images and indexes the trees of a package may have together, each counted as often as it is led to.
    public static let countLimit = 10 * ImageTree.countLimit
}
