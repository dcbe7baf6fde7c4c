public import ContainerImage
public import ImageStore

extension ArtifactSelection {
    /// Reads the images of `references`, each index filtered to the platforms; what they leave out isn't asked for. An index
    /// that stays as it is has it as absent.
    ///
    /// - Parameters:
    ///   - source: Gives the store that an image is in.
    ///   - limit: How many requests are under way at once.
    ///   - progress: Counts the manifests.
    /// - Throws: `PlatformFilterError` when nothing of an index fits; `ImageTreeError` naming the reference.
    public func read(
        _ references: [DigestReference],
        from source: @escaping @Sendable (Repository) -> any ImageSource,
        atMost limit: Int,
        progress: TransferProgress? = nil
    ) async throws -> ImagesWithArtifacts {
        guard !platforms.isEmpty else {
            let trees = try await ImageTree.read(references, from: source, atMost: limit, progress: progress)
            return ImagesWithArtifacts(trees: trees)
        }
        let indexes = try await references.concurrentMap(atMost: limit) { reference in
            try await FilteredIndex(
                reference,
                to: platforms,
                sparsely: isSparse,
                from: source(reference.repository)
            )
        }
        var known: [Repository: [Digest: RawManifest]] = [:]
        var kept: [Digest: Set<Digest>] = [:]
        for index in indexes {
            known[index.whole.repository, default: [:]].merge(index.manifests) { first, _ in first }
            kept.merge(index.kept) { first, _ in first }
        }
        let (manifests, entries) = (known, kept)
        let trees = try await ImageTree.read(
            indexes.map(\.filtered),
            from: { PrefetchedSource(base: source($0), manifests: manifests[$0] ?? [:]) },
            keeping: { entries[$0.digest] },
            atMost: limit,
            progress: progress
        )
        var gathered = ImagesWithArtifacts(trees: trees)
        gathered.platformFilters = indexes.filter { $0.whole != $0.filtered }
            .map { PlatformFilter(index: $0.whole, filtered: $0.filtered, platforms: platforms, whole: $0.text) }
        return gathered
    }
}
