public import ContainerImage

/// An image, or an index with all that it leads to: everything but the layers' bytes.
public indirect enum ImageTree: Sendable {
    /// One image.
    case image(ImageNode)
    /// An index and its entries, in its own order.
    case index(IndexNode)

    /// Where the image or index is.
    public var reference: DigestReference {
        switch self {
        case .image(let leaf): leaf.reference
        case .index(let branch): branch.reference
        }
    }

    /// The exact bytes of the manifest or index.
    public var manifest: RawManifest {
        switch self {
        case .image(let leaf): leaf.manifest
        case .index(let branch): branch.manifest
        }
    }

    /// Itself and all that it leads to, at any depth.
    public var all: [ImageTree] {
        switch self {
        case .image: [self]
        case .index(let branch): [self] + branch.children.flatMap(\.all)
        }
    }

    /// The images in it, itself or its entries' at any depth.
    public var images: [ImageNode] {
        switch self {
        case .image(let leaf): [leaf]
        case .index(let branch): branch.children.flatMap(\.images)
        }
    }
}

extension ImageTree {
    /// The same tree in another repository.
    public func renamed(to repository: Repository) -> ImageTree {
        switch self {
        case .image(var leaf):
            leaf.reference.repository = repository
            return .image(leaf)
        case .index(var branch):
            branch.reference.repository = repository
            branch.children = branch.children.map { $0.renamed(to: repository) }
            return .index(branch)
        }
    }

    /// Carries those layers along, in images at any depth, that are not distributable but that `isWanted` wants.
    public mutating func includeNonDistributable(_ isWanted: (Descriptor) -> Bool) {
        switch self {
        case .image(var leaf):
            let layers = leaf.parsed.layers.filter { !$0.mediaType.isDistributable && isWanted($0) }
            leaf.includedNonDistributable.formUnion(layers.map(\.digest))
            self = .image(leaf)
        case .index(var branch):
            branch.children.includeNonDistributable(isWanted)
            self = .index(branch)
        }
    }
}

extension [ImageTree] {
    /// Carries those layers along that are not distributable but that `isWanted` wants.
    public mutating func includeNonDistributable(_ isWanted: (Descriptor) -> Bool) {
        for position in indices { self[position].includeNonDistributable(isWanted) }
    }
}

/// One image: its manifest and config.
public struct ImageNode: Sendable {
    /// Where the image is.
    public var reference: DigestReference
    /// The manifest's bytes.
    public var manifest: RawManifest
    /// The manifest's parsed view.
    public var parsed: ImageManifest
    /// The config blob's bytes.
    public var config: [UInt8]
    /// Layers that are not distributable but whose bytes are carried all the same.
    public var includedNonDistributable: Set<Digest> = []

    /// Creates an image.
    public init(reference: DigestReference, manifest: RawManifest, parsed: ImageManifest, config: [UInt8]) {
        self.reference = reference
        self.manifest = manifest
        self.parsed = parsed
        self.config = config
    }

    /// The layers whose bytes are carried: all but those that are not distributable, unless they are taken along.
    public var packagedLayers: [Descriptor] {
        parsed.layers.filter { $0.mediaType.isDistributable || includedNonDistributable.contains($0.digest) }
    }
}

/// An index and what it leads to.
public struct IndexNode: Sendable {
    /// Where the index is.
    public var reference: DigestReference
    /// The index's bytes.
    public var manifest: RawManifest
    /// Its entries, in its own order.
    public var children: [ImageTree]
    /// Entries that it names and that aren't there, where that may be: in an archive of some platforms of an image.
    public var absent: [Descriptor] = []

    /// Creates an index.
    public init(reference: DigestReference, manifest: RawManifest, children: [ImageTree]) {
        self.reference = reference
        self.manifest = manifest
        self.children = children
    }
}
