public import ContainerImage
public import ImageStore

extension CompanionSelection {
    /// Reads the images of `references`, each index slimmed to the platforms; what they leave out isn't asked for.
    ///
    /// - Parameters:
    ///   - source: Gives the store that an image is in.
    ///   - limit: How many requests are under way at once.
    ///   - progress: Counts the manifests.
    /// - Throws: `SlimmingError` when nothing of an index fits; `ImageTreeError` naming the reference.
    public func read(
        _ references: [DigestReference],
        from source: @escaping @Sendable (Repository) -> any ImageSource,
        atMost limit: Int,
        progress: TransferProgress? = nil
    ) async throws -> GatheredImages {
        guard !platforms.isEmpty else {
            let trees = try await ImageTree.read(references, from: source, atMost: limit, progress: progress)
            return GatheredImages(trees: trees)
        }
        let indexes = try await references.concurrentMap(atMost: limit) { reference in
            try await SlimmedIndex(reference, to: platforms, from: source(reference.repository))
        }
        var known: [Repository: [Digest: RawManifest]] = [:]
        for index in indexes {
            known[index.whole.repository, default: [:]].merge(index.manifests) { first, _ in first }
        }
        let manifests = known
        let trees = try await ImageTree.read(
            indexes.map(\.slimmed),
            from: { PrefetchedSource(base: source($0), manifests: manifests[$0] ?? [:]) },
            atMost: limit,
            progress: progress
        )
        var gathered = GatheredImages(trees: trees)
        gathered.slimmings = indexes.filter { $0.whole != $0.slimmed }
            .map { Slimming(index: $0.whole, slimmed: $0.slimmed, platforms: platforms, whole: $0.text) }
        return gathered
    }
}
