import ContainerImage
import ImageTransfer
import TestSupport
import Testing

@Suite("Dividing images among processes")
struct ImageShardTests {
    private func digest(_ name: String) -> Digest { Digest(of: Array(name.utf8)) }

    /// An image of blobs, by name and size.
    private func image(_ name: String, _ blobs: [String: Int64]) -> ImageShards.Image {
        var contents = [digest(name): Int64(1000)]
        for (blob, size) in blobs { contents[digest(blob)] = size }
        return ImageShards.Image(digest: digest(name), contents: contents)
    }

    private func shards(_ images: [ImageShards.Image], _ count: Int) -> [Int?] {
        let shards = ImageShards(images, count: count)
        return images.map { shards.shard(of: $0.digest) }
    }

    /// Images as registries have them: bases that many share, layers of some, and layers of their own.
    private func realistic(_ count: Int, seed: UInt64) -> [ImageShards.Image] {
        var random = SplitMix(seed: seed)
        return (0..<count).map { number in
            let base = Int.random(in: 0..<max(2, count / 50), using: &random)
            let runtime = Int.random(in: 0..<max(2, count / 10), using: &random)
            var blobs = ["base \(base)": Int64(30 << 20) + Int64(base), "config \(number)": 5000]
            blobs["runtime \(runtime)"] = Int64(1 << 20) * Int64(20 + runtime % 60)
            for layer in 0..<4 { blobs["own \(number) \(layer)"] = Int64.random(in: 1000...(40 << 20), using: &random) }
            return image("image \(number)", blobs)
        }
    }

    @Test("each image is in exactly one shard, and the same whatever the order is", arguments: [1, 2, 3, 8, 100])
    func partition(count: Int) {
        let images = realistic(200, seed: 1)
        let shards = ImageShards(images, count: count)
        #expect(images.allSatisfy { (0..<count).contains(shards.shard(of: $0.digest) ?? -1) })
        #expect(shards.loads.reduce(0) { $0 + $1.images } == 200)
        var random = SplitMix(seed: 7)
        for _ in 0..<3 {
            let other = ImageShards(images.shuffled(using: &random), count: count)
            #expect(other.loads == shards.loads)
            #expect(images.allSatisfy { other.shard(of: $0.digest) == shards.shard(of: $0.digest) })
        }
        #expect(shards.shard(of: digest("another")) == nil)
    }

    @Test("shards have about as many bytes each, and few blobs are in several", arguments: [2, 4, 8])
    func balance(count: Int) {
        let shards = ImageShards(realistic(1000, seed: 3), count: count)
        let bytes = shards.loads.map(\.bytes)
        let all = bytes.reduce(0, +)
        #expect(Double(bytes.max() ?? 0) < 1.15 * Double(all) / Double(count), "\(bytes)")
        #expect(Double(all) < 1.2 * Double(shards.bytes), "\(all) of \(shards.bytes)")
    }

    @Test("images that share layers stay together where there is room for them")
    func sharing() {
        let images = [
            image("a", ["x": 100 << 20, "a": 1 << 20]), image("b", ["y": 100 << 20, "b": 1 << 20]),
            image("c", ["x": 100 << 20, "c": 1 << 20]), image("d", ["y": 100 << 20, "d": 1 << 20]),
        ]
        let shards = shards(images, 2)
        #expect(shards[0] == shards[2] && shards[1] == shards[3] && shards[0] != shards[1])
    }

    @Test("a large layer isn't sent twice for the sake of small ones")
    func largeBase() {
        let images = (0..<3).map { image("\($0)", ["base": 1 << 30, "own \($0)": 1 << 20]) }
        #expect(Set(shards(images, 2)).count == 1)
    }

    @Test("images on one base are divided all the same where their own layers are large")
    func largeOwnLayers() {
        let images = (0..<100).map { image("\($0)", ["base": 100 << 20, "own \($0)": 50 << 20]) }
        let shards = ImageShards(images, count: 4)
        for load in shards.loads { #expect((20...30).contains(load.images)) }
    }

    @Test("images of few bytes are divided by their number")
    func smallImages() {
        let shards = ImageShards((0..<400).map { image("\($0)", ["own \($0)": 10]) }, count: 4)
        for load in shards.loads { #expect((95...105).contains(load.images)) }
    }

    @Test("an image that is named twice counts once; there may be more shards than images, and no image at all")
    func edges() {
        let one = image("a", ["x": 10])
        let twice = ImageShards([one, one], count: 3)
        #expect(twice.loads.map(\.images).sorted() == [0, 0, 1])
        #expect(twice.bytes == 1010)
        #expect(ImageShards([], count: 2).loads.map(\.images) == [0, 0])
        #expect(ImageShards([one], count: 0).loads.count == 1)
    }

    @Test("sizes that manifests claim may be anything")
    func absurdSizes() {
        let images = (0..<50).map { image("\($0)", ["huge \($0)": .max, "shared": .max, "less": .min]) }
        let shards = ImageShards(images, count: 3)
        #expect(shards.loads.reduce(0) { $0 + $1.images } == 50)
    }

    @Test("ten thousand images of a terabyte are divided", .timeLimit(.minutes(1)))
    func terabyte() {
        let shards = ImageShards(realistic(10_000, seed: 5), count: 16)
        #expect(shards.bytes > 1 << 39)
        let bytes = shards.loads.map(\.bytes)
        #expect(Double(bytes.max() ?? 0) < 1.2 * Double(bytes.reduce(0, +)) / 16, "\(bytes)")
    }
}
