import Algorithms
package import ContainerImage

/// The manifests of images, read without their configs and layers: what there is, and how large it is.
package struct ManifestSurvey: Sendable {
    /// The manifests and indexes that were read, at any depth.
    package let manifests: [Repository: [Digest: RawManifest]]

    /// Reads the manifests of `references`, and of all that indexes among them lead to, each distinct one once.
    ///
    /// - Parameters:
    ///   - source: Gives the store that an image is in.
    ///   - limit: How many requests are under way at once.
    ///   - progress: Counts the manifests.
    /// - Throws: `ImageTreeError` naming the reference.
    package init(
        of references: [DigestReference],
        from source: @escaping @Sendable (Repository) -> any ImageSource,
        atMost limit: Int,
        progress: TransferProgress? = nil
    ) async throws {
        let budget = ReadingBudget()
        var manifests: [Repository: [Digest: RawManifest]] = [:]
        var known = Set(references)
        var level = Array(references.uniqued())
        var depth = 0
        progress?.enter(.read, items: 0)
        while let first = level.first {
            guard depth <= ImageTree.depthLimit else { throw ImageTreeError.tooDeep(first) }
            guard known.count - references.count <= ImageTree.countLimit else { throw ImageTreeError.tooMany(first) }
            progress?.expect(items: level.count)
            let read = try await level.concurrentMap(atMost: limit) { reference in
                let item = progress?.begin(reference.repository.path)
                defer { item?.finish() }
                do {
                    let (manifest, parsed) = try await source(reference.repository).parsedManifest(reference.digest)
                    try budget.take(Int64(manifest.bytes.count), for: reference)
                    return (reference, manifest, parsed)
                } catch {
                    if error is CancellationError || error is ImageTreeError { throw error }
                    throw ImageTreeError.unreadable(reference, error)
                }
            }
            level = []
            for (reference, manifest, parsed) in read {
                manifests[reference.repository, default: [:]][manifest.digest] = manifest
                guard case .index(let index) = parsed else { continue }
                level += index.manifests
                    .map { DigestReference(repository: reference.repository, digest: $0.digest) }
                    .filter { known.insert($0).inserted }
            }
            depth += 1
        }
        self.manifests = manifests
    }

    /// The sizes of all that an image has, in bytes: its manifests, configs and distributable layers.
    package func contents(of reference: DigestReference) -> [Digest: Int64] {
        let own = manifests[reference.repository] ?? [:]
        var contents: [Digest: Int64] = [:]
        var pending = [reference.digest]
        while let digest = pending.popLast() {
            guard contents[digest] == nil, let manifest = own[digest], let parsed = try? manifest.parsed() else {
                continue
            }
            contents[digest] = Int64(manifest.bytes.count)
            switch parsed {
            case .index(let index): pending += index.manifests.map(\.digest)
            case .image(let image):
                for blob in image.layers.filter(\.mediaType.isDistributable) + [image.config] {
                    contents[blob.digest] = blob.size
                }
            }
        }
        return contents
    }

    /// The store `base` of a repository, of which the manifests that were read needn't be asked for again.
    package func source(_ base: any ImageSource, of repository: Repository) -> any ImageSource {
        PrefetchedSource(base: base, manifests: manifests[repository] ?? [:])
    }
}
