import ContainerImage
import ImageStore

/// Which images are missing, and pushing their manifests.
extension ImageRelocation {
    /// `consignments` with those distinct trees alone that their repositories don't have yet.
    func missing(of consignments: [Consignment]) async throws -> [Consignment] {
        let candidates = consignments.enumerated().flatMap { position, consignment in
            var seen: Set<Digest> = []
            return consignment.trees.filter { seen.insert($0.manifest.digest).inserted }.map { (position, $0) }
        }
        let present = try await candidates.concurrentMap(atMost: limit) { position, tree in
            let destination = consignments[position].destination
            let digest = tree.manifest.digest
            return try await RelocationError.naming("image \(tree.reference)", to: destination.name) {
                // An image may have arrived before without the layers that are taken along now.
                guard tree.images.allSatisfy(\.takenAlong.isEmpty) else { return false }
                return try await destination.contains(manifest: digest, tag: .arrival(of: digest))
            }
        }
        var trees = [[ImageTree]](repeating: [], count: consignments.count)
        for ((position, tree), isPresent) in zip(candidates, present) where !isPresent { trees[position].append(tree) }
        return zip(consignments, trees).filter { !$1.isEmpty }.map { consignment, trees in
            Consignment(
                trees,
                to: consignment.repository,
                at: consignment.destination,
                tags: consignment.tags
            )
        }
    }

    /// Pushes the manifests of `consignments`, those first that others refer to.
    func push(_ consignments: [Consignment]) async throws {
        var levels: [[(manifest: RawManifest, tag: Tag?, destination: any ImageDestination)]] = []
        for consignment in consignments {
            let roots = Set(consignment.trees.map(\.manifest.digest))
            for (height, manifests) in Self.levels(of: consignment.trees).enumerated() {
                if height == levels.count { levels.append([]) }
                levels[height] += manifests.map {
                    ($0, roots.contains($0.digest) ? .arrival(of: $0.digest) : nil, consignment.destination)
                }
            }
        }
        progress?.enter(.push, items: levels.reduce(0) { $0 + $1.count })
        for level in levels {
            try await level.concurrentForEach(atMost: limit) { manifest, tag, destination in
                let item = progress?.begin(manifest.digest.description)
                try await RelocationError.naming("manifest \(manifest.digest)", to: destination.name) {
                    try await destination.push(manifest, tag: tag)
                }
                item?.finish()
            }
        }
    }

    /// Puts the further tags on images.
    func tag(_ consignments: [Consignment]) async throws {
        let wanted = consignments.flatMap { consignment in
            consignment.trees.flatMap { tree in
                (consignment.tags[tree.manifest.digest] ?? []).map { (tree.manifest, $0, consignment.destination) }
            }
        }
        try await wanted.concurrentForEach(atMost: limit) { manifest, tag, destination in
            try await RelocationError.naming("manifest \(manifest.digest), tag '\(tag)'", to: destination.name) {
                guard try await !destination.contains(manifest: manifest.digest, tag: tag) else { return }
                try await destination.push(manifest, tag: tag)
            }
        }
    }

    /// The distinct manifests, those first that others refer to.
    private static func levels(of trees: [ImageTree]) -> [[RawManifest]] {
        var heights: [Digest: (height: Int, manifest: RawManifest)] = [:]
        @discardableResult
        func visit(_ tree: ImageTree) -> Int {
            if let known = heights[tree.manifest.digest] { return known.height }
            var height = 0
            if case .index(let branch) = tree {
                height = (branch.children.map { visit($0) }.max() ?? -1) + 1
            }
            heights[tree.manifest.digest] = (height, tree.manifest)
            return height
        }
        for tree in trees { visit(tree) }
        let grouped = Dictionary(grouping: heights.values, by: \.height)
        return grouped.keys.sorted().map { height in
            (grouped[height] ?? []).map(\.manifest).sorted { $0.digest < $1.digest }
        }
    }
}
