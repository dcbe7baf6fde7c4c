public import ContainerImage
import ImageStore

extension PackageMetadata {
    /// Which of several volumes a package is, each of which has a share of the layers.
    public struct Volume: Hashable, Sendable, Codable {
        /// Its number, from 1.
        public var number: Int
        /// How many volumes there are.
        public var count: Int
        /// The layers that no volume has whole.
        public var cut: [CutLayer]?

        /// Creates the record of a volume.
        public init(number: Int, count: Int, cut: [CutLayer]? = nil) {
            self.number = number
            self.count = count
            self.cut = cut
        }
    }

    /// A layer that is larger than a volume: its bytes are in entries of several.
    public struct CutLayer: Hashable, Sendable, Codable {
        /// The layer.
        public var digest: Digest
        /// Its parts, in order.
        public var parts: [Part]

        /// Some of the bytes of a layer.
        public struct Part: Hashable, Sendable, Codable {
            /// The number of the volume that has them.
            public var volume: Int
            /// How many there are.
            public var size: Int64

            /// Creates a part.
            public init(volume: Int, size: Int64) {
                self.volume = volume
                self.size = size
            }
        }

        /// Creates a layer of parts.
        public init(digest: Digest, parts: [Part]) {
            self.digest = digest
            self.parts = parts
        }
    }

    /// What is said of the images, and not of the share of their layers that is in a file.
    package var onImages: PackageMetadata {
        var metadata = self
        (metadata.omitted, metadata.volume) = (nil, nil)
        return metadata
    }

    /// What it says of volumes and can't be, a line for each.
    func problems(ofVolumes trees: [ImageTree]) -> [String] {
        guard let volume else { return [] }
        guard (1...VolumePlan.countLimit).contains(volume.count), (1...volume.count).contains(volume.number) else {
            return ["it says that the package is volume \(volume.number) of \(volume.count)"]
        }
        let numbers = 1...volume.count
        let layers = trees.flatMap(\.images).flatMap(\.parsed.layers)
        let sizes = Dictionary(layers.map { ($0.digest, $0.size) }) { first, _ in first }
        let cut = (volume.cut ?? []).filter { layer in
            let parts = layer.parts
            guard parts.count <= VolumePlan.countLimit,
                parts.allSatisfy({ numbers.contains($0.volume) && (1...Int64.max / 10_000).contains($0.size) })
            else { return true }
            return sizes[layer.digest] != parts.reduce(0) { $0 + $1.size }
        }
        let places = (omitted ?? []).filter { $0.volume.map { !numbers.contains($0) } == true }
        return (cut.map(\.digest) + places.map(\.digest)).map {
            "it says that \($0) is in volumes or parts that can't be those of this layer"
        }
    }

    /// The volumes that aren't all where they are to go, as `lacking` layers aren't; nil for a package that isn't a volume.
    public func unfinishedVolumes(lacking: Set<Digest>) -> Set<Int>? {
        guard let volume else { return nil }
        var numbers = Set((omitted ?? []).filter { lacking.contains($0.digest) }.compactMap(\.volume))
        for layer in volume.cut ?? [] where lacking.contains(layer.digest) {
            numbers.formUnion(layer.parts.map(\.volume))
        }
        return numbers.filter { (1...max(volume.count, 1)).contains($0) }
    }
}
