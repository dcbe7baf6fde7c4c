/// Some shards. Most blobs are in one.
struct ShardSet: Sendable {
    private var first: Int32 = -1
    private var others: [Int32] = []

    var isEmpty: Bool { first < 0 }

    func contains(_ shard: Int) -> Bool {
        let shard = Int32(clamping: shard)
        return first == shard || others.contains(shard)
    }

    /// Adds a shard; false if it was there.
    @discardableResult
    mutating func insert(_ shard: Int) -> Bool {
        guard !contains(shard) else { return false }
        if first < 0 { first = Int32(clamping: shard) } else { others.append(Int32(clamping: shard)) }
        return true
    }

    func forEach(_ body: (Int) -> Void) {
        guard first >= 0 else { return }
        body(Int(first))
        for shard in others { body(Int(shard)) }
    }
}
