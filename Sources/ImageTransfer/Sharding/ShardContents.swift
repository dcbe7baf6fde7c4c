import ContainerImage

/// Images and their blobs by numbers, in an order that depends on their digests alone.
struct ShardContents: Sendable {
    /// The distinct images, sorted.
    let digests: [Digest]
    /// The blobs of each image.
    let blobs: [[Int32]]
    /// The images of each blob.
    let images: [[Int32]]
    /// The bytes of each blob.
    let sizes: [Int64]
    /// What each blob costs: its bytes, and a request that takes as long as some.
    let costs: [Int64]

    /// How many bytes pass in the time of a request, about.
    private static let request: Int64 = 64 << 10
    /// Sizes come from manifests, which may claim anything: a sum of them is no more than what a number can be.
    private static let largest: Int64 = 1 << 50

    /// Numbers what `images` have; each of them is needed for a moment only.
    init(_ images: some Sequence<ImageShards.Image>) {
        // In the order in which they come, at first.
        var numbers: [Digest: Int32] = [:]
        var found: [Digest] = []
        var sizes: [Int64] = []
        var contents: [Digest: [Int32]] = [:]
        for image in images {
            var own = contents[image.digest] ?? []
            for (digest, size) in image.contents {
                let size = min(max(size, 0), Self.largest)
                if let number = numbers[digest] {
                    sizes[Int(number)] = max(sizes[Int(number)], size)
                    own.append(number)
                } else {
                    let number = Int32(clamping: found.count)
                    numbers[digest] = number
                    found.append(digest)
                    sizes.append(size)
                    own.append(number)
                }
            }
            contents[image.digest] = own
        }
        numbers = [:]
        digests = contents.keys.sorted()
        let order = found.indices.sorted { found[$0] < found[$1] }
        var ranks = [Int32](repeating: 0, count: order.count)
        for (rank, number) in order.enumerated() { ranks[number] = Int32(clamping: rank) }
        self.sizes = order.map { sizes[$0] }
        costs = self.sizes.map { $0 + Self.request }
        blobs = digests.map { Set((contents[$0] ?? []).map { ranks[Int($0)] }).sorted() }
        var holders = [[Int32]](repeating: [], count: order.count)
        for (image, own) in blobs.enumerated() {
            for blob in own { holders[Int(blob)].append(Int32(clamping: image)) }
        }
        self.images = holders
    }
}
