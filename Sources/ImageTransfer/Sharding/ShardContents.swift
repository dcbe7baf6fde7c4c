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

    init(_ images: [ImageShards.Image]) {
        var contents: [Digest: [Digest: Int64]] = [:]
        for image in images { contents[image.digest, default: [:]].merge(image.contents) { max($0, $1) } }
        digests = contents.keys.sorted()
        var sizes: [Digest: Int64] = [:]
        for image in contents.values {
            for (digest, size) in image { sizes[digest] = max(sizes[digest] ?? 0, min(max(size, 0), Self.largest)) }
        }
        let all = sizes.keys.sorted()
        var numbers: [Digest: Int32] = [:]
        numbers.reserveCapacity(all.count)
        for (number, digest) in all.enumerated() { numbers[digest] = Int32(clamping: number) }
        self.sizes = all.map { sizes[$0] ?? 0 }
        costs = self.sizes.map { $0 + Self.request }
        blobs = digests.map { (contents[$0] ?? [:]).keys.compactMap { numbers[$0] }.sorted() }
        var holders = [[Int32]](repeating: [], count: all.count)
        for (image, own) in blobs.enumerated() {
            for blob in own { holders[Int(blob)].append(Int32(clamping: image)) }
        }
        self.images = holders
    }
}
