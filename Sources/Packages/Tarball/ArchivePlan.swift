public import ContainerImage
public import ImageStore

/// The layout of a package: sizes and offsets follow from the manifests alone.
public struct ArchivePlan: Sendable {
    /// One layer's entry.
    public struct Entry: Sendable {
        /// The layer.
        public let layer: Descriptor
        /// A repository that has it.
        public let repository: Repository
        /// Which bytes of a layer it has, where these aren't all: `layer` has their size then.
        let part: Part?
        /// Where its header begins, in bytes.
        fileprivate(set) var headerOffset: Int64
        /// The entry's name, where it doesn't follow from the digest.
        private let name: String?
        private let headerSize: Int32
        /// Its header blocks, made anew each time: there may be many entries.
        var header: [UInt8] {
            TarHeader.blocks(name: name ?? ArchivePlan.entryName(of: layer.digest), size: layer.size)
        }
        /// Where its bytes begin.
        var dataOffset: Int64 { headerOffset + Int64(headerSize) }
        /// Where the next entry begins.
        ///
        /// - Throws: `ArchiveError.tooLarge` when there can be no file of that size.
        var end: Int64 {
            get throws(ArchiveError) {
                let (end, overflow) = dataOffset.addingReportingOverflow(layer.size)
                guard !overflow, end < Int64.max / 2 else { throw .tooLarge(layer.digest, layer.size) }
                return end + Int64(TarHeader.padding(after: layer.size))
            }
        }
        /// The zeros after its bytes.
        var padding: [UInt8] { [UInt8](repeating: 0, count: TarHeader.padding(after: layer.size)) }

        /// Some of the bytes of a layer that no volume has whole.
        struct Part: Sendable {
            /// The layer.
            let whole: Descriptor
            /// Its first byte in the layer.
            let offset: Int64
        }

        /// Creates the entry of a layer, whose name follows from the digest unless one is given.
        init(
            _ layer: Descriptor,
            of repository: Repository,
            named name: String? = nil,
            part: Part? = nil,
            at offset: Int64
        ) {
            self.layer = layer
            self.part = part
            self.repository = repository
            self.name = name
            headerOffset = offset
            let entryName = name ?? ArchivePlan.entryName(of: layer.digest)
            headerSize = Int32(TarHeader.blocksSize(name: entryName, size: layer.size))
        }
    }

    /// The bytes of `manifest.json`, and of the metadata if there is any, with headers and padding.
    var head: [UInt8]
    /// Where in it the bytes of `manifest.json` and of the metadata are.
    private var manifestRange = 0..<0
    private var metadataRange: Range<Int>?
    /// Where in it the entry of the signature is, if there is one.
    var signatureRange: Range<Int>?
    /// The layers, in order.
    public internal(set) var entries: [Entry]
    /// How many images and indexes there are, those in indexes not counted.
    public let imageCount: Int
    /// How many of the entries are layers.
    public let layerCount: Int
    /// The layers that have no entries, because the other side has them.
    public let omitted: [Descriptor]
    /// The size of the package, in bytes.
    public internal(set) var totalSize: Int64
    /// The blocks of zeros that end it.
    let end = [UInt8](repeating: 0, count: 2 * TarHeader.blockSize)

    /// Lays out the package of `trees`.
    ///
    /// - Parameters:
    ///   - metadata: The package's metadata; empty in most packages, which are then the same as the original's.
    ///   - absent: Layers that the other side has; the metadata tells which of the images' layers are left out. Nil for a
    ///     package that is not a delta.
    ///   - first: Layers that come before all others: what a reader of a stream needs before it takes these.
    ///   - volumes: The volumes that have layers which are left out.
    /// - Throws: `ArchiveError` when manifests contradict each other or can't be packaged.
    public init(
        _ trees: [ImageTree],
        metadata: PackageMetadata = PackageMetadata(),
        omitting absent: Set<Digest>? = nil,
        first: Set<Digest> = [],
        volumes: [Digest: Int] = [:]
    ) throws(ArchiveError) {
        var metadata = metadata
        var layers: [Digest: (Descriptor, Repository)] = [:]
        var configs: [Digest: (Descriptor, Repository)] = [:]
        for leaf in trees.flatMap(\.images) {
            for layer in leaf.packagedLayers {
                if let (known, _) = layers[layer.digest], known.size != layer.size {
                    throw .conflictingSizes(layer.digest, known.size, layer.size)
                }
                layers[layer.digest] = layers[layer.digest] ?? (layer, leaf.reference.repository)
            }
            // JSON holds text alone: a config of other bytes gets an entry of its own.
            if !leaf.configIsText {
                configs[leaf.parsed.config.digest] = (leaf.parsed.config, leaf.reference.repository)
            }
        }
        let omitted = layers.values.map(\.0).filter { absent?.contains($0.digest) == true && configs[$0.digest] == nil }
        for layer in omitted { layers[layer.digest] = nil }
        imageCount = Set(trees.map(\.reference)).count
        layerCount = layers.count
        layers.merge(configs) { layer, _ in layer }
        let sorted = layers.values.sorted { left, right in
            let (isLeft, isRight) = (first.contains(left.0.digest), first.contains(right.0.digest))
            return isLeft == isRight ? left.0.digest < right.0.digest : isLeft
        }
        layers = [:]
        if absent != nil {
            metadata.omitted = omitted.sorted { $0.digest < $1.digest }.map {
                .init(digest: $0.digest, size: $0.size, volume: volumes[$0.digest])
            }
        }
        self.omitted = omitted
        let manifest = try PackageManifestWriter.bytes(of: trees)
        let count = manifest.count
        var head = Self.entry(named: "manifest.json", manifest)
        manifestRange = Self.range(of: count, in: 0..<head.count)
        if !metadata.isEmpty {
            let notes = try metadata.encoded()
            let start = head.count
            head += Self.entry(named: PackageMetadata.entryName, notes)
            metadataRange = Self.range(of: notes.count, in: start..<head.count)
        }
        self.head = head
        var offset = Int64(head.count)
        var entries: [Entry] = []
        entries.reserveCapacity(sorted.count)
        for (layer, repository) in sorted {
            let entry = Entry(layer, of: repository, at: offset)
            offset = try entry.end
            entries.append(entry)
        }
        self.entries = entries
        totalSize = offset + 2 * Int64(TarHeader.blockSize)
    }

    /// Adds some of a layer's bytes as an entry.
    mutating func append(_ number: Int, _ bytes: Range<Int64>, of layer: Descriptor, in repository: Repository)
        throws(ArchiveError)
    {
        var piece = layer
        piece.size = Int64(bytes.count)
        let offset = totalSize - Int64(end.count)
        let entry = Entry(
            piece,
            of: repository,
            named: Self.partName(number, of: layer.digest),
            part: Entry.Part(whole: layer, offset: bytes.lowerBound),
            at: offset
        )
        totalSize = try entry.end + Int64(end.count)
        entries.append(entry)
    }

    /// Where the bytes of an entry of one header are.
    private static func range(of count: Int, in entry: Range<Int>) -> Range<Int> {
        let start = entry.upperBound - TarHeader.padding(after: Int64(count)) - count
        return start..<(start + count)
    }

    /// What a signature of the package is about.
    public var seal: PackageSeal {
        PackageSeal(
            manifest: Digest(of: Array(head[manifestRange])),
            metadata: metadataRange.map { Digest(of: Array(head[$0])) }
        )
    }

    /// Where in ``head`` the entry of a signature is inserted.
    var signaturePlace: Int { manifestRange.upperBound + TarHeader.padding(after: Int64(manifestRange.count)) }

    /// The same package with a signature, whose entry follows `manifest.json`.
    public func signed(with signature: [UInt8]) throws(ArchiveError) -> ArchivePlan {
        var plan = self
        let entry = Self.entry(named: PackageSeal.entryName, signature)
        let place = signaturePlace
        plan.head.insert(contentsOf: entry, at: place)
        plan.signatureRange = place..<(place + entry.count)
        plan.metadataRange = metadataRange.map { ($0.lowerBound + entry.count)..<($0.upperBound + entry.count) }
        for position in plan.entries.indices {
            plan.entries[position].headerOffset += Int64(entry.count)
            _ = try plan.entries[position].end
        }
        plan.totalSize += Int64(entry.count)
        return plan
    }

    /// An entry with its bytes, which keep their place in memory: in a large package there are many.
    static func entry(named name: String, _ bytes: consuming [UInt8]) -> [UInt8] {
        let size = Int64(bytes.count)
        bytes.insert(contentsOf: TarHeader.blocks(name: name, size: size), at: 0)
        bytes.append(contentsOf: repeatElement(0, count: TarHeader.padding(after: size)))
        return bytes
    }

    /// The name of a layer's entry, whatever its compression.
    static func entryName(of digest: Digest) -> String { "\(digest.dashed).tar.gz" }

    /// The name of the entry of a layer's part.
    static func partName(_ number: Int, of digest: Digest) -> String { "\(entryName(of: digest)).part\(number)" }
}
