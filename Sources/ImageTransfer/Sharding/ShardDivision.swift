import ContainerImage

/// The division of images among shards.
///
/// Images that share something, directly or by others, are a group. A group that is no larger than a shard's part stays
/// whole. A larger one is made of smaller ones, in which the largest shared blobs hold images together. Then groups go to
/// shards, the largest first: where much of them is already, as long as there is room, else where they add least.
struct ShardDivision {
    /// The shard of each image.
    private(set) var shards: [Int]
    private let contents: ShardContents
    private let count: Int
    private var loads: [Int64]
    /// The shards that have each blob, one bit for each.
    private var holders: [ShardSet]

    init(_ contents: ShardContents, count: Int) {
        self.contents = contents
        self.count = count
        shards = [Int](repeating: 0, count: contents.digests.count)
        loads = [Int64](repeating: 0, count: count)
        holders = [ShardSet](repeating: ShardSet(), count: contents.sizes.count)
    }

    /// The bytes of the distinct blobs that a shard has.
    func bytes(of shard: Int) -> Int64 {
        zip(contents.sizes, holders).byteTotal { size, holders in holders.contains(shard) ? size : 0 }
    }

    mutating func divide() {
        guard count > 1 else {
            for blob in holders.indices { holders[blob].insert(0) }
            return
        }
        let total = contents.costs.byteTotal(\.self)
        let part = total / Int64(count)
        var groups: [ShardGroup] = []
        for group in ShardGroup.connected(contents) {
            groups += group.cost <= part ? [group] : group.split(to: part / 4, contents)
        }
        // The first image of a group is no other group's: equally large ones have an order, too.
        groups.sort { ($1.cost, $0.images[0]) < ($0.cost, $1.images[0]) }
        let room = part.addingUpToLimit(part / 20)
        for group in groups { add(group, to: shard(for: group, room: room)) }
    }

    private func shard(for group: ShardGroup, room: Int64) -> Int {
        var present = [Int64](repeating: 0, count: count)
        var elsewhere: Int64 = 0
        for blob in group.blobs {
            let cost = contents.costs[Int(blob)]
            if !holders[Int(blob)].isEmpty { elsewhere = elsewhere.addingUpToLimit(cost) }
            holders[Int(blob)].forEach { present[$0] = present[$0].addingUpToLimit(cost) }
        }
        let after = (0..<count).map { loads[$0].addingUpToLimit(group.cost - present[$0]) }
        let fitting = (0..<count).filter { after[$0] <= room }
        if let best = fitting.min(by: { (present[$1], after[$0], $0) < (present[$0], after[$1], $1) }) { return best }
        // What others have, and this one is sent again, is more work for all.
        func price(_ shard: Int) -> Int64 { after[shard].addingUpToLimit(elsewhere - present[shard]) }
        return (0..<count).min { (price($0), $0) < (price($1), $1) } ?? 0
    }

    private mutating func add(_ group: ShardGroup, to shard: Int) {
        for image in group.images { shards[Int(image)] = shard }
        for blob in group.blobs where holders[Int(blob)].insert(shard) {
            loads[shard] = loads[shard].addingUpToLimit(contents.costs[Int(blob)])
        }
    }
}
