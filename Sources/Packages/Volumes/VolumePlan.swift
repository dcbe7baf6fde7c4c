public import ContainerImage
public import ImageStore

/// A package in volumes: each is a package of its own, with all manifests and a share of the layers; the others it leaves
/// out, as a delta does. Layers that are larger than a volume are cut.
///
/// The same images, at the same size, give the same volumes: layers are placed from the largest to the smallest, each in
/// the first volume that has room (first-fit decreasing).
public struct VolumePlan: Sendable {
    /// How many volumes there are.
    public let count: Int
    /// How many images and indexes there are, those in indexes not counted.
    public var imageCount: Int { Set(trees.map(\.reference)).count }
    /// The layers that are in several volumes.
    public let cut: [PackageMetadata.CutLayer]
    private let trees: [ImageTree]
    private let metadata: PackageMetadata
    private let base: Set<Digest>
    private let first: Set<Digest>
    /// The layers that are in one volume, and its number.
    private let volumes: [Digest: Int]
    private let layers: [Digest: ArchivePlan.Entry]

    /// The most volumes of a package.
    static let countLimit = 9999

    /// Lays out the volumes of `trees`.
    ///
    /// - Parameters:
    ///   - path: What the package is called, for errors.
    ///   - absent: Layers that the other side has.
    ///   - first: Layers that are in every volume: signatures, which are looked for before anything else is taken.
    ///   - size: The most bytes of a volume.
    ///   - reserve: How many of them are left for what is added later, such as a signature.
    /// - Throws: `ArchiveError.smallVolumes` with the least size that is possible; as `ArchivePlan`.
    public init(
        _ trees: [ImageTree],
        metadata: PackageMetadata,
        omitting absent: Set<Digest>?,
        first: Set<Digest>,
        size: Int64,
        reserving reserve: Int64 = 0,
        path: String
    ) throws(ArchiveError) {
        let base = absent ?? []
        let whole = try ArchivePlan(trees, metadata: metadata, omitting: base, first: first)
        // A config that isn't text has an entry, which every reader of manifests needs.
        let configs = Set(trees.flatMap(\.images).filter { !$0.configIsText }.map(\.parsed.config.digest))
        let movable = whole.entries.filter { !first.contains($0.layer.digest) && !configs.contains($0.layer.digest) }
        let all = Set(movable.map(\.layer.digest))
        let widest = Dictionary(uniqueKeysWithValues: all.map { ($0, Self.countLimit) })
        var notes = metadata
        notes.volume = PackageMetadata.Volume(number: Self.countLimit, count: Self.countLimit)
        let empty = try ArchivePlan(
            trees,
            metadata: notes,
            omitting: base.union(all),
            first: first,
            volumes: widest
        )
        let items = movable.map { VolumePacking.Item(digest: $0.layer.digest, size: $0.layer.size) }
        let packing = VolumePacking(items: items, overhead: empty.totalSize + reserve)
        guard let packed = packing.volumes(of: size) else {
            throw .smallVolumes(path: path, size: size, least: packing.leastSize(above: size))
        }
        (count, cut, volumes) = (packed.count, packed.cut, packed.volumes)
        (self.trees, self.metadata, self.base, self.first) = (trees, metadata, base, first)
        layers = Dictionary(uniqueKeysWithValues: movable.map { ($0.layer.digest, $0) })
    }

    /// The volume of a number, from 1.
    ///
    /// - Throws: `ArchiveError` as `ArchivePlan`.
    public func volume(_ number: Int) throws(ArchiveError) -> ArchivePlan {
        var metadata = metadata
        metadata.volume = PackageMetadata.Volume(number: number, count: count, cut: cut.isEmpty ? nil : cut)
        let others = layers.keys.filter { volumes[$0] != number }
        var plan = try ArchivePlan(
            trees,
            metadata: metadata,
            omitting: base.union(others),
            first: first,
            volumes: volumes
        )
        for layer in cut {
            guard let entry = layers[layer.digest] else { continue }
            var offset: Int64 = 0
            for (index, part) in layer.parts.enumerated() {
                if part.volume == number {
                    try plan.append(index + 1, offset..<(offset + part.size), of: entry.layer, in: entry.repository)
                }
                offset += part.size
            }
        }
        return plan
    }

    /// The signature of a volume that an earlier run wrote to a file of its name; nil where there is none.
    public func earlierSignature(of number: Int, in path: String) -> [UInt8]? {
        guard let file = try? RandomAccessFile(plain: self.path(of: number, in: path)) else { return nil }
        return FirstEntries.signature { try? file.bytes(at: $0, count: $1, entry: nil) }
    }

    /// The path of a volume: `images-2of5.tar` of `images.tar`.
    public func path(of number: Int, in path: String) -> String {
        let text = String(number)
        let padded = String(repeating: "0", count: max(0, String(count).count - text.count)) + text
        let ending = path.hasSuffix(".tar") ? ".tar" : ""
        return "\(path.dropLast(ending.count))-\(padded)of\(count)\(ending)"
    }
}
