public import ContainerImage

/// An image, or an index with all that it leads to: everything but the layers' bytes.
public indirect enum ImageTree: Sendable {
    /// One image.
    case image(ImageLeaf)
    /// An index and its entries, in its own order.
    case index(ImageBranch)

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
    public var images: [ImageLeaf] {
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
    public mutating func takeAlong(_ isWanted: (Descriptor) -> Bool) {
        switch self {
        case .image(var leaf):
            let layers = leaf.parsed.layers.filter { !$0.mediaType.isDistributable && isWanted($0) }
            leaf.takenAlong.formUnion(layers.map(\.digest))
            self = .image(leaf)
        case .index(var branch):
            branch.children.takeAlong(isWanted)
            self = .index(branch)
        }
    }
}

extension [ImageTree] {
    /// Carries those layers along that are not distributable but that `isWanted` wants.
    public mutating func takeAlong(_ isWanted: (Descriptor) -> Bool) {
        for position in indices { self[position].takeAlong(isWanted) }
    }
}

/// One image: its manifest and config.
public struct ImageLeaf: Sendable {
    /// Where the image is.
    public var reference: DigestReference
    /// The manifest's bytes.
    public var manifest: RawManifest
    /// The manifest's parsed view.
    public var parsed: ImageManifest
    /// The config blob's bytes.
    public var config: [UInt8]
    /// Layers that are not distributable but whose bytes are carried all the same.
    public var takenAlong: Set<Digest> = []

    /// An image of its parts.
    public init(reference: DigestReference, manifest: RawManifest, parsed: ImageManifest, config: [UInt8]) {
        self.reference = reference
        self.manifest = manifest
        self.parsed = parsed
        self.config = config
    }

    /// The layers whose bytes are carried: all but those that are not distributable, unless they are taken along.
    public var carriedLayers: [Descriptor] {
        parsed.layers.filter { $0.mediaType.isDistributable || takenAlong.contains($0.digest) }
    }
}

/// An index and what it leads to.
public struct ImageBranch: Sendable {
    /// Where the index is.
    public var reference: DigestReference
    /// The index's bytes.
    public var manifest: RawManifest
    /// Its entries, in its own order.
    public var children: [ImageTree]
    /// Entries that it names and that aren't there, where that may be: in an archive of some platforms of an image.
    public var absent: [Descriptor] = []

    /// An index of its parts.
    public init(reference: DigestReference, manifest: RawManifest, children: [ImageTree]) {
        self.reference = reference
        self.manifest = manifest
        self.children = children
    }
}

/// Why a tree of images can't be had.
public enum ImageTreeError: Error, Sendable, CustomStringConvertible {
    /// Reading the image failed.
    case unreadable(DigestReference, any Error)
    /// Indexes within indexes, deeper than anyone means.
    case tooDeep(DigestReference)
    /// More entries than anyone means, when each is counted as often as it is led to.
    case tooMany(DigestReference)

    /// What failed, with the reference.
    public var description: String {
        switch self {
        case .unreadable(let reference, let error): "Reading image \(reference): \(error)"
        case .tooDeep(let reference):
            "Reading image \(reference): indexes are nested more than \(ImageTree.depthLimit) deep"
        case .tooMany(let reference):
            "Reading image \(reference): it leads to more than \(ImageTree.countLimit) images"
        }
    }
}

extension ImageTree {
    /// How deep indexes may stand within indexes.
    public static let depthLimit = 8

    /// How many images and indexes one tree may have, each counted as often as it is led to: a few indexes that name
    /// each other many times would else be billions.
    public static let countLimit = 100_000

    /// Whether there are at most ``countLimit`` images and indexes in it.
    public var isSane: Bool {
        var rest = Self.countLimit
        func count(_ tree: ImageTree) -> Bool {
            rest -= 1
            guard case .index(let branch) = tree else { return rest >= 0 }
            return rest >= 0 && branch.children.allSatisfy(count)
        }
        return count(self)
    }

    /// Reads the trees of `references`, in their order: manifests and configs, each distinct one once, with at most
    /// `limit` requests under way.
    ///
    /// - Parameter progress: Counts the manifests.
    /// - Throws: `ImageTreeError` naming the reference.
    public static func read(
        _ references: [DigestReference],
        from source: @escaping @Sendable (Repository) -> any ImageSource,
        atMost limit: Int,
        progress: TransferProgress? = nil
    ) async throws -> [ImageTree] {
        progress?.enter(.read, items: 0)
        var nodes: [DigestReference: Node] = [:]
        try await withThrowingTaskGroup(of: (DigestReference, Node, depth: Int).self) { group in
            var known = Set(references)
            var waiting = unique(references).map { (reference: $0, depth: 0) }
            progress?.expect(items: waiting.count)
            var position = 0
            var running = 0
            while true {
                while position < waiting.count, running < max(1, limit) {
                    let (reference, depth) = waiting[position]
                    guard depth <= depthLimit else { throw ImageTreeError.tooDeep(reference) }
                    group.addTask { (reference, try await node(of: reference, from: source, progress), depth) }
                    position += 1
                    running += 1
                }
                guard let (reference, node, depth) = try await group.next() else { break }
                running -= 1
                nodes[reference] = node
                // An index's entries are asked for at once: others of its depth may take longer.
                let children = node.children(in: reference.repository).filter { known.insert($0).inserted }
                guard known.count - references.count <= countLimit else { throw ImageTreeError.tooMany(reference) }
                waiting += children.map { ($0, depth + 1) }
                progress?.expect(items: children.count)
            }
        }
        var built: [DigestReference: Built] = [:]
        return try references.map { try build($0, from: nodes, depth: 0, &built).tree }
    }

    private static func node(
        of reference: DigestReference,
        from source: @Sendable (Repository) -> any ImageSource,
        _ progress: TransferProgress?
    ) async throws -> Node {
        try Task.checkCancellation()
        let item = progress?.begin(reference.repository.path)
        defer { item?.finish() }
        do {
            return try await Node(reading: reference, from: source(reference.repository))
        } catch let error as CancellationError {
            throw error
        } catch {
            throw ImageTreeError.unreadable(reference, error)
        }
    }

    private enum Node: Sendable {
        case image(RawManifest, ImageManifest, config: [UInt8])
        case index(RawManifest, ImageIndex)

        init(reading reference: DigestReference, from source: any ImageSource) async throws {
            let manifest = try await source.manifest(reference.digest)
            switch try manifest.parsed() {
            case .image(let parsed):
                self = .image(manifest, parsed, config: try await source.config(parsed.config))
            case .index(let index):
                self = .index(manifest, index)
            }
        }

        func children(in repository: Repository) -> [DigestReference] {
            guard case .index(_, let index) = self else { return [] }
            return index.manifests.map { DigestReference(repository: repository, digest: $0.digest) }
        }
    }

    private static func unique(_ references: [DigestReference]) -> [DigestReference] {
        var seen: Set<DigestReference> = []
        return references.filter { seen.insert($0).inserted }
    }

    private struct Built {
        let tree: ImageTree
        /// How deep indexes stand in it.
        let height: Int
    }

    /// The tree of `reference`; each is built once, whatever leads to it.
    private static func build(
        _ reference: DigestReference,
        from nodes: [DigestReference: Node],
        depth: Int,
        _ built: inout [DigestReference: Built]
    ) throws -> Built {
        if let known = built[reference] {
            guard depth + known.height <= depthLimit else { throw ImageTreeError.tooDeep(reference) }
            return known
        }
        guard depth <= depthLimit, let node = nodes[reference] else { throw ImageTreeError.tooDeep(reference) }
        let made: Built
        switch node {
        case .image(let manifest, let parsed, let config):
            let leaf = ImageLeaf(reference: reference, manifest: manifest, parsed: parsed, config: config)
            made = Built(tree: .image(leaf), height: 0)
        case .index(let manifest, let index):
            let children = try index.manifests.map {
                let child = DigestReference(repository: reference.repository, digest: $0.digest)
                return try build(child, from: nodes, depth: depth + 1, &built)
            }
            let branch = ImageBranch(reference: reference, manifest: manifest, children: children.map(\.tree))
            made = Built(tree: .index(branch), height: 1 + (children.map(\.height).max() ?? 0))
            guard made.tree.isSane else { throw ImageTreeError.tooMany(reference) }
        }
        built[reference] = made
        return made
    }
}
