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
