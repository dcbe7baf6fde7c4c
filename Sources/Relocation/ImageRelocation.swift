public import ContainerImage
public import ImageStore

/// Copies images into one repository under the same digests: what is missing there, each blob once, manifests after
/// all that they refer to (FORMAT "Reading").
public struct ImageRelocation: Sendable {
    private let destination: any ImageDestination
    private let limit: Int
    private let progress: TransferProgress?
    private let check: Check?

    /// Makes sure of a layer's bytes; the item counts them.
    public typealias Check = @Sendable (Descriptor, _ item: TransferProgress.Item?) async throws -> Void

    /// A relocation to `destination`.
    ///
    /// - Parameters:
    ///   - limit: How many transfers are under way at once.
    ///   - progress: Counts blobs, bytes and manifests.
    ///   - check: Called for each layer that will be uploaded, before anything is; throws when its bytes are bad.
    public init(
        to destination: any ImageDestination,
        atMost limit: Int,
        progress: TransferProgress? = nil,
        checking check: Check? = nil
    ) {
        self.destination = destination
        self.limit = limit
        self.progress = progress
        self.check = check
    }

    /// Copies all of `trees`.
    ///
    /// - Parameter source: Gives the store that has what is in a repository.
    /// - Throws: `RelocationError` naming the image or blob. Images are then not all there; those that are, are whole.
    public func copy(
        _ trees: [ImageTree],
        from source: @escaping @Sendable (Repository) -> any ImageSource
    ) async throws {
        let missing = try await missing(of: trees)
        let blobs = try await missingBlobs(of: missing, from: source)
        if let check { try await self.check(blobs.filter(\.isLayer), with: check) }
        progress?.enter(.copy, items: blobs.count, bytes: blobs.reduce(0) { $0 + $1.blob.size })
        try await blobs.concurrentForEach(atMost: limit) { transfer in
            let item = progress?.begin(transfer.image.path, bytes: transfer.blob.size)
            try await transfer.upload(to: destination, counting: item)
            item?.finish()
        }
        try await push(missing)
    }

    private func check(_ layers: [Transfer], with check: @escaping Check) async throws {
        progress?.enter(.check, items: layers.count, bytes: layers.reduce(0) { $0 + $1.blob.size })
        try await layers.concurrentForEach(atMost: limit) { layer in
            let item = progress?.begin(layer.image.path, bytes: layer.blob.size)
            try await check(layer.blob, item)
            item?.finish()
        }
    }

    private func push(_ trees: [ImageTree]) async throws {
        let roots = Set(trees.map(\.manifest.digest))
        let levels = Self.levels(of: trees)
        progress?.enter(.push, items: levels.reduce(0) { $0 + $1.count })
        for level in levels {
            try await level.concurrentForEach(atMost: limit) { manifest in
                let item = progress?.begin(manifest.digest.description)
                defer { item?.finish() }
                do {
                    let isRoot = roots.contains(manifest.digest)
                    try await destination.push(manifest, tag: isRoot ? .arrival(of: manifest.digest) : nil)
                } catch {
                    throw RelocationError(what: "manifest \(manifest.digest)", to: destination.name, cause: error)
                }
            }
        }
    }

    /// The distinct trees that the destination doesn't have yet.
    private func missing(of trees: [ImageTree]) async throws -> [ImageTree] {
        var seen: Set<Digest> = []
        let distinct = trees.filter { seen.insert($0.manifest.digest).inserted }
        let present = try await distinct.concurrentMap(atMost: limit) { tree in
            let digest = tree.manifest.digest
            do {
                return try await destination.contains(manifest: digest, tag: .arrival(of: digest))
            } catch {
                throw RelocationError(what: "image \(tree.reference)", to: destination.name, cause: error)
            }
        }
        return zip(distinct, present).filter { !$1 }.map(\.0)
    }

    private func missingBlobs(
        of trees: [ImageTree],
        from source: @Sendable (Repository) -> any ImageSource
    ) async throws -> [Transfer] {
        var seen: Set<Digest> = []
        var transfers: [Transfer] = []
        for leaf in trees.flatMap(\.images) {
            let store = source(leaf.reference.repository)
            for layer in leaf.carriedLayers where seen.insert(layer.digest).inserted {
                let image = leaf.reference.repository
                transfers.append(Transfer(blob: layer, image: image, source: store, isLayer: true))
            }
            if seen.insert(leaf.parsed.config.digest).inserted {
                let config = MemorySource(bytes: leaf.config, name: store.name)
                let image = leaf.reference.repository
                transfers.append(Transfer(blob: leaf.parsed.config, image: image, source: config, isLayer: false))
            }
        }
        let present = try await transfers.concurrentMap(atMost: limit) { transfer in
            do {
                return try await destination.contains(transfer.blob)
            } catch {
                throw RelocationError(what: "blob \(transfer.blob.digest)", to: destination.name, cause: error)
            }
        }
        // The largest first: the last to finish is then a small one.
        return zip(transfers, present).filter { !$1 }.map(\.0).sorted { $0.blob.size > $1.blob.size }
    }

    /// The distinct manifests, those first that others refer to.
    private static func levels(of trees: [ImageTree]) -> [[RawManifest]] {
        var heights: [Digest: (height: Int, manifest: RawManifest)] = [:]
        @discardableResult
        func visit(_ tree: ImageTree) -> Int {
            if let known = heights[tree.manifest.digest] { return known.height }
            var height = 0
            if case .index(let branch) = tree {
                height = (branch.children.map { visit($0) }.max() ?? -1) + 1
            }
            heights[tree.manifest.digest] = (height, tree.manifest)
            return height
        }
        for tree in trees { visit(tree) }
        let grouped = Dictionary(grouping: heights.values, by: \.height)
        return grouped.keys.sorted().map { height in
            (grouped[height] ?? []).map(\.manifest).sorted { $0.digest < $1.digest }
        }
    }
}

/// A blob on its way.
private struct Transfer: Sendable {
    let blob: Descriptor
    /// The repository of an image that it belongs to.
    let image: Repository
    let source: any ImageSource
    let isLayer: Bool

    func upload(to destination: any ImageDestination, counting item: TransferProgress.Item?) async throws {
        do {
            try await destination.upload(blob, from: source, counting: item)
        } catch {
            if error is CancellationError { throw error }
            throw RelocationError(what: "blob \(blob.digest) of \(source.name)", to: destination.name, cause: error)
        }
    }
}

/// What can't be copied.
public struct RelocationError: Error, Sendable, CustomStringConvertible {
    /// The image, manifest or blob.
    public let what: String
    /// The repository that it was to go to.
    public let to: String
    /// What happened.
    public let cause: any Error

    /// What failed, on what, and why.
    public var description: String { "Copying \(what) to \(to): \(cause)" }
}
