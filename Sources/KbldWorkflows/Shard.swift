package import ContainerImage
import ImageStore
import ImageTransfer

/// The part of the images that one of several processes copies. All that divide the same images as often get the same parts.
public struct Shard: Sendable, Equatable {
    /// Which part, from 0 on.
    public let index: Int
    /// How many parts there are.
    public let count: Int

    /// Creates the part `index` of `count`; nil where there is no such part.
    public init?(index: Int, count: Int) {
        guard count > 0, (0..<count).contains(index) else { return nil }
        (self.index, self.count) = (index, count)
    }

    /// Those of `elements` whose images are in the shard; `log` gets a line on how much that is.
    ///
    /// - Parameters:
    ///   - digest: The digest of an element's image.
    ///   - contents: The sizes of all that the image has.
    package func own<Element>(
        of elements: [Element],
        digest: @escaping (Element) -> Digest,
        contents: @escaping (Element) -> [Digest: Int64],
        log: LogSink
    ) -> [Element] {
        let shards = ImageShards(
            elements.lazy.map { ImageShards.Image(digest: digest($0), contents: contents($0)) },
            count: count
        )
        let own = elements.filter { shards.shard(of: digest($0)) == index }
        let (load, images) = (shards.loads[index], shards.loads.reduce(0) { $0 + $1.images })
        log(
            "shard \(index)/\(count): \(load.images) of \(Count.text(images, "image")), \(ByteCount(load.bytes)) of "
                + "\(ByteCount(shards.bytes))"
        )
        return own
    }
}

extension PackagePart.Taken {
    /// The part of the images that is in `shard`, with what is attached to them.
    func own(of shard: Shard, log: LogSink) -> PackagePart.Taken {
        let companions = PackageCompanions(trees, metadata)
        let own = shard.own(
            of: trees.filter { !companions.contains($0) },
            digest: \.manifest.digest,
            contents: \.contents,
            log: log
        )
        var taken = self
        taken.trees = companions.following(own)
        taken.metadata.keep(taken.trees, filtered: [])
        return taken
    }
}
