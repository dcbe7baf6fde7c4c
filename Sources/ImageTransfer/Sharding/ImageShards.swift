public import ContainerImage

/// Images divided among processes that copy them, by what all of them know: digests and sizes.
///
/// Images that share blobs stay together as far as that leaves the shards of about the same size: what several shards have
/// is sent by each of them. Each process that divides the same images into as many shards gets the same ones, whatever the
/// order of the images was.
public struct ImageShards: Sendable {
    /// An image, or an index with all that it leads to.
    public struct Image: Sendable {
        /// The digest of its manifest.
        public var digest: Digest
        /// The sizes of all that it has, in bytes: manifests, configs and layers.
        public var contents: [Digest: Int64]

        /// Creates an image of its contents.
        public init(digest: Digest, contents: [Digest: Int64]) {
            self.digest = digest
            self.contents = contents
        }
    }

    /// How large a shard is.
    public struct Load: Sendable, Equatable {
        /// How many images it has.
        public internal(set) var images = 0
        /// The bytes of its distinct blobs.
        public internal(set) var bytes: Int64 = 0
    }

    /// What each shard has.
    public let loads: [Load]
    /// The bytes of the distinct blobs of all images.
    public let bytes: Int64
    private let shards: [Digest: Int]

    /// Divides `images`, of which each digest counts once, among `count` shards, at least one.
    public init(_ images: some Sequence<Image>, count: Int) {
        let count = max(count, 1)
        let contents = ShardContents(images)
        var division = ShardDivision(contents, count: count)
        division.divide()
        var loads = [Load](repeating: Load(), count: count)
        var shards: [Digest: Int] = [:]
        shards.reserveCapacity(contents.digests.count)
        for (position, digest) in contents.digests.enumerated() {
            let shard = division.shards[position]
            shards[digest] = shard
            loads[shard].images += 1
        }
        for shard in loads.indices { loads[shard].bytes = division.bytes(of: shard) }
        self.loads = loads
        self.shards = shards
        bytes = contents.sizes.byteTotal(\.self)
    }

    /// The shard of the image `digest`, from 0 on; nil for one that wasn't divided.
    public func shard(of digest: Digest) -> Int? { shards[digest] }
}
