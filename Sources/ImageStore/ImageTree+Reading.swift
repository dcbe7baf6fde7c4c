import Algorithms
public import ContainerImage

extension ImageTree {
    /// How deep indexes may be nested.
    public static let depthLimit = 8

    /// How many images and indexes one tree may have, each counted as often as it is led to: a few indexes that name
    /// each other many times would else be billions.
    public static let countLimit = 100_000

    /// How many bytes of manifests and configs are read at once: ten thousand images have about half as many.
    public static let bytesLimit: Int64 = 256 << 20

    /// Whether there are at most ``countLimit`` images and indexes in it.
    public var isWithinCountLimit: Bool {
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
    /// - Parameters:
    ///   - kept: The entries of an index that are read, where that isn't all: the others are absent.
    ///   - progress: Counts the manifests.
    /// - Throws: `ImageTreeError` naming the reference.
    public static func read(
        _ references: [DigestReference],
        from source: @escaping @Sendable (Repository) -> any ImageSource,
        keeping kept: @Sendable (DigestReference) -> Set<Digest>? = { _ in nil },
        atMost limit: Int,
        progress: TransferProgress? = nil
    ) async throws -> [ImageTree] {
        progress?.enter(.read, items: 0)
        let budget = ReadingBudget()
        var nodes: [DigestReference: Node] = [:]
        try await withThrowingTaskGroup(of: (DigestReference, Node, depth: Int).self) { group in
            var known = Set(references)
            var waiting = references.uniqued().map { Wanted(reference: $0) }
            progress?.expect(items: waiting.count)
            var position = 0
            var running = 0
            while true {
                while position < waiting.count, running < max(1, limit) {
                    let wanted = waiting[position]
                    guard wanted.depth <= depthLimit else { throw ImageTreeError.tooDeep(wanted.reference) }
                    group.addTask {
                        (wanted.reference, try await node(of: wanted, from: source, budget, progress), wanted.depth)
                    }
                    position += 1
                    running += 1
                }
                guard let (reference, node, depth) = try await group.next() else { break }
                running -= 1
                nodes[reference] = node
                // An index's entries are asked for at once: others of its depth may take longer.
                let children = node.children(of: reference, keeping: kept(reference), depth: depth + 1)
                    .filter { known.insert($0.reference).inserted }
                guard known.count - references.count <= countLimit else { throw ImageTreeError.tooMany(reference) }
                // What entries claim is refused before it is asked for.
                for child in children { try budget.take(child.claimedSize, for: reference) }
                waiting += children
                progress?.expect(items: children.count)
            }
        }
        var built: [DigestReference: Built] = [:]
        return try references.map { try build($0, from: nodes, keeping: kept, depth: 0, &built).tree }
    }

    private static func node(
        of wanted: Wanted,
        from source: @Sendable (Repository) -> any ImageSource,
        _ budget: ReadingBudget,
        _ progress: TransferProgress?
    ) async throws -> Node {
        try Task.checkCancellation()
        let reference = wanted.reference
        let item = progress?.begin(reference.repository.path)
        defer { item?.finish() }
        do {
            return try await Node(reading: wanted, from: source(reference.repository), budget)
        } catch let error as CancellationError {
            throw error
        } catch let error as ImageTreeError {
            throw error
        } catch {
            if let (index, type) = wanted.foreignEntry {
                throw ImageTreeError.foreignEntry(reference, type, in: index, error)
            }
            throw ImageTreeError.unreadable(reference, error)
        }
    }

    /// A manifest that is to be read, and the entry that leads to it.
    private struct Wanted: Sendable {
        let reference: DigestReference
        var depth = 0
        var entry: Descriptor?
        var index: DigestReference?

        /// What the entry claims, as far as it can be.
        var claimedSize: Int64 { min(entry?.size ?? 0, Int64(RawManifest.sizeLimit)) }

        /// The index, and the type that no manifest has.
        var foreignEntry: (DigestReference, MediaType)? {
            guard let index, let type = entry?.mediaType, !type.isIndex, !type.isImageManifest, type != .octetStream,
                !MediaType.dockerSchema1.contains(type)
            else { return nil }
            return (index, type)
        }
    }

    private enum Node: Sendable {
        case image(RawManifest, ImageManifest, config: [UInt8])
        case index(RawManifest, ImageIndex)

        init(reading wanted: Wanted, from source: any ImageSource, _ budget: ReadingBudget) async throws {
            let (manifest, parsed) = try await source.parsedManifest(wanted.reference.digest)
            try budget.take(Int64(manifest.bytes.count) - wanted.claimedSize, for: wanted.reference)
            switch parsed {
            case .image(let image):
                if image.config.size <= Int64(ImageConfig.sizeLimit) {
                    try budget.take(image.config.size, for: wanted.reference)
                }
                self = .image(manifest, image, config: try await source.config(image.config))
            case .index(let index):
                self = .index(manifest, index)
            }
        }

        func children(of parent: DigestReference, keeping kept: Set<Digest>?, depth: Int) -> [Wanted] {
            guard case .index(_, let index) = self else { return [] }
            return index.manifests.filter { kept?.contains($0.digest) ?? true }.map { entry in
                let reference = DigestReference(repository: parent.repository, digest: entry.digest)
                return Wanted(reference: reference, depth: depth, entry: entry, index: parent)
            }
        }
    }

    private struct Built {
        let tree: ImageTree
        /// How deep indexes are nested in it.
        let height: Int
    }

    /// The tree of `reference`; each is built once, whatever leads to it.
    private static func build(
        _ reference: DigestReference,
        from nodes: [DigestReference: Node],
        keeping: (DigestReference) -> Set<Digest>?,
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
            let leaf = ImageNode(reference: reference, manifest: manifest, parsed: parsed, config: config)
            made = Built(tree: .image(leaf), height: 0)
        case .index(let manifest, let index):
            let kept = keeping(reference)
            let present = index.manifests.filter { kept?.contains($0.digest) ?? true }
            let children = try present.map {
                let child = DigestReference(repository: reference.repository, digest: $0.digest)
                return try build(child, from: nodes, keeping: keeping, depth: depth + 1, &built)
            }
            var branch = IndexNode(reference: reference, manifest: manifest, children: children.map(\.tree))
            if let kept { branch.absent = index.manifests.filter { !kept.contains($0.digest) } }
            made = Built(tree: .index(branch), height: 1 + (children.map(\.height).max() ?? 0))
            guard made.tree.isWithinCountLimit else { throw ImageTreeError.tooMany(reference) }
        }
        built[reference] = made
        return made
    }
}
