import ContainerImage

/// Images that stay together, by their numbers.
struct ShardGroup: Sendable {
    /// The images, sorted.
    var images: [Int32]
    /// The distinct blobs of all of them, sorted.
    var blobs: [Int32]
    /// What the blobs cost.
    var cost: Int64

    private init(_ images: [Int32], _ contents: ShardContents) {
        self.images = images.sorted()
        blobs = Set(images.lazy.flatMap { contents.blobs[Int($0)] }).sorted()
        cost = blobs.byteTotal { contents.costs[Int($0)] }
    }

    /// The images, those together that share something with each other, directly or by others.
    static func connected(_ contents: ShardContents) -> [ShardGroup] {
        var sets = DisjointSets(count: contents.digests.count)
        for images in contents.images {
            guard let first = images.first else { continue }
            for image in images.dropFirst() { sets.join(first, image) }
        }
        return groups(of: contents.digests.indices.map { Int32(clamping: $0) }, in: &sets, contents)
    }

    /// Smaller groups, of about `limit` at most, unless one image is larger: the most expensive blobs hold images together.
    func split(to limit: Int64, _ contents: ShardContents) -> [ShardGroup] {
        var sets = DisjointSets(count: contents.digests.count)
        // What is in sets with more than one image: their distinct blobs.
        var held: [Int32: Set<Int32>] = [:]
        var costs: [Int32: Int64] = [:]
        for image in images {
            costs[image] = contents.blobs[Int(image)].byteTotal { contents.costs[Int($0)] }
        }
        let shared = blobs.filter { contents.images[Int($0)].count > 1 }
            .sorted { (contents.costs[Int($1)], $0) < (contents.costs[Int($0)], $1) }
        for blob in shared {
            // Those that fit go together, one after another; which come first follows from their digests.
            var current: Int32?
            for image in contents.images[Int(blob)] {
                let root = sets.root(of: image)
                guard let gathered = current else {
                    current = root
                    continue
                }
                guard gathered != root else { continue }
                var large = held.removeValue(forKey: gathered) ?? Set(contents.blobs[Int(gathered)])
                var small = held.removeValue(forKey: root) ?? Set(contents.blobs[Int(root)])
                let isSwapped = large.count < small.count
                if isSwapped { swap(&large, &small) }
                let common = small.byteTotal { large.contains($0) ? contents.costs[Int($0)] : 0 }
                let cost = (costs[gathered] ?? 0).addingUpToLimit((costs[root] ?? 0) - common)
                if cost <= limit {
                    let joined = sets.join(gathered, root)
                    large.formUnion(small)
                    held[joined] = large
                    costs[joined] = cost
                    current = joined
                } else {
                    (held[gathered], held[root]) = isSwapped ? (small, large) : (large, small)
                    // The one with more room goes on.
                    if (costs[root] ?? 0) < (costs[gathered] ?? 0) { current = root }
                }
            }
        }
        return Self.groups(of: images, in: &sets, contents)
    }

    private static func groups(
        of images: [Int32],
        in sets: inout DisjointSets,
        _ contents: ShardContents
    ) -> [ShardGroup] {
        var members: [Int32: [Int32]] = [:]
        for image in images { members[sets.root(of: image), default: []].append(image) }
        return members.values.map { ShardGroup($0, contents) }
    }
}

/// Sets of numbers that are joined (Tarjan's union-find).
private struct DisjointSets {
    private var parents: [Int32]
    private var counts: [Int32]

    init(count: Int) {
        parents = (0..<count).map { Int32(clamping: $0) }
        counts = [Int32](repeating: 1, count: count)
    }

    mutating func root(of element: Int32) -> Int32 {
        var element = element
        while parents[Int(element)] != element {
            parents[Int(element)] = parents[Int(parents[Int(element)])]
            element = parents[Int(element)]
        }
        return element
    }

    /// Joins the sets of two elements, and returns the root.
    @discardableResult
    mutating func join(_ one: Int32, _ other: Int32) -> Int32 {
        var (large, small) = (root(of: one), root(of: other))
        guard large != small else { return large }
        if counts[Int(large)] < counts[Int(small)] { swap(&large, &small) }
        parents[Int(small)] = large
        counts[Int(large)] += counts[Int(small)]
        return large
    }
}
