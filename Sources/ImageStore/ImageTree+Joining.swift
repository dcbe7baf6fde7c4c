import ContainerImage

extension ImageTree {
    /// The distinct trees, in the order of their first occurrence; of an index that is there several times with other
    /// entries absent, those that are anywhere are there.
    public static func joined(_ trees: [ImageTree]) -> [ImageTree] {
        var joined: [ImageTree] = []
        var positions: [DigestReference: Int] = [:]
        for tree in trees {
            if let position = positions[tree.reference] {
                joined[position] = joined[position].joined(with: tree)
            } else {
                positions[tree.reference] = joined.count
                joined.append(tree)
            }
        }
        return joined
    }

    private func joined(with other: ImageTree) -> ImageTree {
        guard !isComplete, case .index(var branch) = self, case .index(let more) = other,
            case .index(let index)? = try? manifest.parsed()
        else { return self }
        let children = Self.joined(branch.children + more.children)
        let known = Dictionary(children.map { ($0.manifest.digest, $0) }) { first, _ in first }
        branch.children = index.manifests.compactMap { known[$0.digest] }
        branch.absent = index.manifests.filter { known[$0.digest] == nil }
        return .index(branch)
    }
}
