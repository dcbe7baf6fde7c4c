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
        try await read(references, from: source, present: [], atMost: limit, progress: progress)
    }

    /// Filters indexes that were read already, of which images may be missing.
    ///
    /// - Parameters:
    ///   - trees: What was read.
    ///   - path: Where that is from.
    /// - Throws: As ``read(_:from:atMost:progress:)``.
    public func filter(_ trees: [ImageTree], at path: String) async throws -> ImagesWithArtifacts {
        guard !platforms.isEmpty else { return ImagesWithArtifacts(trees: trees) }
        let source = TreeManifests(trees, name: path)
        let included = Set(trees.flatMap(\.images).flatMap(\.includedNonDistributable))
        var filtered = try await read(
            trees.map(\.reference),
            from: { _ in source },
            present: trees,
            atMost: 1,
            progress: nil
        )
        filtered.trees.includeNonDistributable { included.contains($0.digest) }
        return filtered
    }

    private func read(
        _ references: [DigestReference],
        from source: @escaping @Sendable (Repository) -> any ImageSource,
        present: [ImageTree],
        atMost limit: Int,
        progress: TransferProgress?
    ) async throws -> ImagesWithArtifacts {
        guard !platforms.isEmpty else {
            let trees = try await ImageTree.read(references, from: source, atMost: limit, progress: progress)
            return ImagesWithArtifacts(trees: trees)
        }
        let absent = Set(present.flatMap(\.absent).map(\.digest))
            .subtracting(present.flatMap(\.all).map(\.manifest.digest))
        let indexes = try await references.concurrentMap(atMost: limit) { reference in
            try await FilteredIndex(reference, by: self, without: absent, from: source(reference.repository))
        }
        var known: [Repository: [Digest: RawManifest]] = [:]
        var kept: [Digest: Set<Digest>] = [:]
        for index in indexes {
            known[index.whole.repository, default: [:]].merge(index.manifests) { first, _ in first }
            kept.merge(index.kept) { first, _ in first }
        }
        // An index that stays as it is has what it had.
        for case .index(let branch) in present.flatMap(\.all) where !branch.absent.isEmpty {
            let digests = Set(branch.children.map(\.manifest.digest))
            kept[branch.manifest.digest] = kept[branch.manifest.digest]?.intersection(digests) ?? digests
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
        gathered.remarks += indexes.flatMap(\.remarks)
        return gathered
    }
}
