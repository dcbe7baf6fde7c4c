import Algorithms
public import ContainerImage
public import ImageStore
public import Presentation

/// Where the bytes of a set of images are: what each has for itself, what is shared, and what sharing saves.
///
/// All sizes are in bytes. Encoded, the keys are in snake case and digests are texts.
public struct PackageReport: Sendable, Encodable {
    /// One image, or an artifact in an image's form.
    public struct Image: Sendable, Encodable {
        /// A kind of manifest.
        public typealias Kind = ImageFacts.Kind

        /// The reference that leads to it: the image itself, or the index that it is in.
        public var reference: String
        /// The image's own digest.
        public var digest: Digest
        /// `linux/amd64`; empty where there is none.
        public var platform: String
        /// How many images the index names for a platform, where it isn't all there; nil elsewhere.
        public var platformsInIndex: Int?
        /// What it is.
        public var kind: Kind
        /// What it is, as reports name it: `image`, `artifact`, `attestation`.
        public var kindName: String { kind.rawValue }
        /// The artifact's type, or the manifest's media type.
        public var type: String
        /// Its distinct layers, base first.
        public var layers: [Digest]
        /// The bytes of these.
        public var layerBytes: Int64
        /// The bytes of those layers that no other image has.
        public var ownBytes: Int64
        /// The bytes of those that others have too.
        public var sharedBytes: Int64
    }

    /// One distinct layer.
    public struct Layer: Sendable, Encodable {
        /// Its digest.
        public var digest: Digest
        /// Its media type.
        public var mediaType: String
        /// How many bytes it has.
        public var size: Int64
        /// How many images have it.
        public var imageCount: Int
        /// Whether its bytes are in the package; those that may not be distributed aren't.
        public var isCarried: Bool
    }

    /// The sums.
    public struct Totals: Sendable, Encodable {
        /// How many references there are, those of included artifacts too.
        public var references = 0
        /// How many of these are indexes.
        public var indexes = 0
        /// How many images there are, those in indexes too.
        public var images = 0
        /// How many distinct layers there are.
        public var layers = 0
        /// The bytes of these.
        public var layerBytes: Int64 = 0
        /// The bytes of layers that more than one image has.
        public var sharedLayerBytes: Int64 = 0
        /// The total of the layers if each image had its own.
        public var unsharedBytes: Int64 = 0
        /// What sharing saves.
        public var savedBytes: Int64 = 0
        /// The bytes of distinct manifests and configs.
        public var manifestBytes: Int64 = 0
    }

    /// What the report is about: a file's name, a reference.
    public var subject: String
    /// The package's size to the byte, where there is one or one is planned.
    public var packageBytes: Int64?
    /// The sums.
    public var totals: Totals
    /// The images, in the order of their references and then of their indexes.
    public var images: [Image]
    /// The distinct layers, the largest first.
    public var layers: [Layer]

    /// Creates a report on `trees`.
    ///
    /// - Parameters:
    ///   - subject: What the report is about.
    ///   - packageBytes: The package's size.
    public init(_ trees: [ImageTree], subject: String, packageBytes: Int64? = nil) {
        self.subject = subject
        self.packageBytes = packageBytes
        totals = Totals()
        images = []
        layers = []
        var known: [Digest: Layer] = [:]
        var manifests: [Digest: Int64] = [:]
        var found: [(image: Image, layers: [Descriptor])] = []
        let ordered = trees.sorted { $0.reference < $1.reference }
        for tree in ordered {
            if case .index = tree { totals.indexes += 1 }
            var seen: Set<Digest> = []
            let platformCount = tree.isComplete ? nil : tree.platformCount
            Self.visit(tree, entry: nil) { leaf, entry in
                guard seen.insert(leaf.manifest.digest).inserted else { return }
                let facts = ImageFacts(
                    leaf.parsed,
                    mediaType: leaf.manifest.mediaType,
                    config: leaf.config,
                    entry: entry
                )
                let layers = leaf.parsed.layers.uniqued(on: \.digest)
                let carried = Set(leaf.packagedLayers.map(\.digest))
                for layer in layers {
                    var entry =
                        known[layer.digest]
                        ?? Layer(
                            digest: layer.digest,
                            mediaType: layer.mediaType.text,
                            size: layer.size,
                            imageCount: 0,
                            isCarried: false
                        )
                    entry.imageCount += 1
                    entry.isCarried = entry.isCarried || carried.contains(layer.digest)
                    known[layer.digest] = entry
                }
                let image = Image(
                    reference: tree.reference.description,
                    digest: leaf.manifest.digest,
                    platform: facts.platform,
                    platformsInIndex: facts.platform.isEmpty ? nil : platformCount,
                    kind: facts.kind,
                    type: facts.type,
                    layers: layers.map(\.digest),
                    layerBytes: 0,
                    ownBytes: 0,
                    sharedBytes: 0
                )
                found.append((image, layers.filter { carried.contains($0.digest) }))
            } manifest: { bytes, digest in
                manifests[digest] = bytes
            }
        }
        for (image, carried) in found {
            var image = image
            image.layerBytes = carried.byteTotal(\.size)
            image.ownBytes = carried.byteTotal { known[$0.digest]?.imageCount == 1 ? $0.size : 0 }
            image.sharedBytes = image.layerBytes - image.ownBytes
            images.append(image)
        }
        layers = known.values.sorted { ($1.size, $0.digest) < ($0.size, $1.digest) }
        totals.references = Set(trees.map(\.reference)).count
        totals.images = images.count
        totals.layers = layers.count
        let carried = layers.filter(\.isCarried)
        totals.layerBytes = carried.byteTotal(\.size)
        totals.sharedLayerBytes = carried.byteTotal { $0.imageCount > 1 ? $0.size : 0 }
        totals.unsharedBytes = images.byteTotal(\.layerBytes)
        totals.savedBytes = totals.unsharedBytes - totals.layerBytes
        totals.manifestBytes = manifests.values.byteTotal { $0 }
    }

    private static func visit(
        _ tree: ImageTree,
        entry: Descriptor?,
        image: (ImageNode, Descriptor?) -> Void,
        manifest: (Int64, Digest) -> Void
    ) {
        manifest(Int64(tree.manifest.bytes.count), tree.manifest.digest)
        switch tree {
        case .image(let leaf):
            manifest(Int64(leaf.config.count), leaf.parsed.config.digest)
            image(leaf, entry)
        case .index(let branch):
            var entries: [Digest: Descriptor] = [:]
            if case .index(let index)? = try? branch.manifest.parsed() {
                for entry in index.manifests { entries[entry.digest] = entry }
            }
            for child in branch.children {
                visit(child, entry: entries[child.manifest.digest], image: image, manifest: manifest)
            }
        }
    }
}

extension PackageReport {
    /// One line: `12 images, 30 layers of 1.2 GiB; sharing saves 400 MiB (25%)`. It counts as a run does: what references
    /// name, and the layers whose bytes are carried.
    public var summary: String { summary { "the package has \($0)" } }

    /// The same of a package that isn't there: `…; the package would have 1.2 GiB, …`.
    public var plannedSummary: String { summary { "the package would have \($0)" } }

    private func summary(ofPackage words: (String) -> String) -> String {
        let carried = layers.count(where: \.isCarried)
        var text = "\(Count.text(totals.references, "image")), \(Count.text(carried, "layer"))"
        text += " of \(ByteCount(totals.layerBytes))"
        if totals.savedBytes > 0 {
            text += "; sharing saves \(ByteCount(totals.savedBytes)) (\(savedPercent)%)"
        }
        if let packageBytes { text += "; " + words("\(ByteCount(packageBytes)), \(packageBytes) bytes") }
        return text
    }

    /// How much of what there would be without sharing is saved, in whole percent.
    public var savedPercent: Int {
        guard totals.unsharedBytes > 0 else { return 0 }
        return Int(Double(totals.savedBytes) / Double(totals.unsharedBytes) * 100)
    }
}
