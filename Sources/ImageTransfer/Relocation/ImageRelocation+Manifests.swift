import Algorithms
import ContainerImage
import ImageStore

/// Which images are missing, and pushing their manifests.
extension ImageRelocation {
    /// Asks for each distinct tree whether it arrived already: one request a tree.
    func arrivals(of batches: [ImageBatch]) async throws -> Arrivals {
        let candidates = batches.enumerated().flatMap { position, batch in
            batch.trees.uniqued(on: \.manifest.digest).map { (position, $0) }
        }
        let present = try await candidates.concurrentMap(atMost: limit) { position, tree in
            let destination = batches[position].destination
            let digest = tree.manifest.digest
            return try await RelocationError.naming("image \(tree.reference)", to: destination.name) {
                guard batches[position].marksArrival else {
                    return try await destination.contains(manifest: digest) ?? false
                }
                return try await destination.contains(manifest: digest, tag: .kbldDigestTag(for: digest))
            }
        }
        var fresh = [[ImageTree]](repeating: [], count: batches.count)
        var arrived = fresh
        for ((position, tree), isPresent) in zip(candidates, present) {
            if isPresent { arrived[position].append(tree) } else { fresh[position].append(tree) }
        }
        return Arrivals(
            fresh: zip(batches, fresh).compactMap { $0.with($1) },
            arrived: zip(batches, arrived).compactMap { $0.with($1) }
        )
    }

    /// The manifests and indexes below those trees that arrived already which their repositories have lost since: one
    /// request for each. The roots themselves are there.
    func lostManifests(below arrived: [ImageBatch]) async throws -> [ImageBatch] {
        let candidates = arrived.enumerated().flatMap { position, batch in
            var seen = Set(batch.trees.map(\.manifest.digest))
            return batch.trees.flatMap(\.all).filter { seen.insert($0.manifest.digest).inserted }
                .map { (position, $0) }
        }
        let present = try await candidates.concurrentMap(atMost: limit) { position, tree in
            let destination = arrived[position].destination
            return try await RelocationError.naming("image \(tree.reference)", to: destination.name) {
                try await destination.contains(manifest: tree.manifest.digest) ?? true
            }
        }
        var lost = [[ImageTree]](repeating: [], count: arrived.count)
        for ((position, tree), isPresent) in zip(candidates, present) where !isPresent { lost[position].append(tree) }
        return zip(arrived, lost).compactMap { $0.with($1) }
    }

    /// A manifest that is to be pushed.
    private struct Push: Sendable {
        let manifest: RawManifest
        let tag: Tag?
        let place: BlobTransfer.Place
        /// Of an index of which some entries are absent on purpose, a platform that is there.
        let sparsePlatform: Platform?
    }

    /// Pushes the manifests of trees that are `fresh` under the tags of their arrival, and those that are `lost` by their
    /// digests; those first that others refer to.
    ///
    /// - Parameter cure: Brings what a registry lacks all the same though it said that it has it.
    func push(_ fresh: [ImageBatch], _ lost: [ImageBatch] = [], curing cure: Cure) async throws {
        var levels: [[Push]] = []
        func add(_ batch: ImageBatch, isFresh: Bool) {
            let roots = Set(batch.trees.map(\.manifest.digest))
            let sparse = Dictionary(
                batch.trees.flatMap(\.all).filter(\.isSparse).map { ($0.manifest.digest, $0.platforms.first) }
            ) { first, _ in first }
            for (height, manifests) in Self.levels(of: batch.trees).enumerated() {
                if height == levels.count { levels.append([]) }
                levels[height] += manifests.filter { isFresh || roots.contains($0.digest) }.map {
                    let tag = isFresh && roots.contains($0.digest) ? batch.arrivalTag(of: $0.digest) : nil
                    return Push(
                        manifest: $0,
                        tag: tag,
                        place: batch.place,
                        sparsePlatform: sparse[$0.digest] ?? nil
                    )
                }
            }
        }
        for batch in fresh { add(batch, isFresh: true) }
        for batch in lost { add(batch, isFresh: false) }
        progress?.enter(.push, items: levels.reduce(0) { $0 + $1.count })
        for level in levels {
            try await level.concurrentForEach(atMost: limit) { push in
                let item = progress?.begin(push.manifest.digest.description)
                let destination = push.place.destination
                try await RelocationError.naming("manifest \(push.manifest.digest)", to: destination.name) {
                    do {
                        try await destination.push(push.manifest, tag: push.tag)
                    } catch let error as any MissingContentError
                        where error.lacksContent || (push.sparsePlatform != nil && error.refusesSparseIndex)
                    {
                        if let platform = push.sparsePlatform {
                            let registry = push.place.repository.registry
                            throw SparseIndexError(registry: registry.description, platform: platform, cause: error)
                        }
                        guard try await cure.bring(what: push.manifest, lacksAt: push.place) else { throw error }
                        try await destination.push(push.manifest, tag: push.tag)
                    }
                }
                item?.finish()
            }
        }
    }

    /// Puts the further tags on images.
    func tag(_ batches: [ImageBatch]) async throws {
        let wanted = batches.flatMap { batch in
            batch.trees.flatMap { tree in
                (batch.tags[tree.manifest.digest] ?? []).map { (tree.manifest, $0, batch.destination) }
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

extension ImageBatch {
    /// The tag under which an image arrives; nil where it does by its digest.
    fileprivate func arrivalTag(of digest: Digest) -> Tag? {
        marksArrival ? .kbldDigestTag(for: digest) : tags[digest]?.first
    }
}
