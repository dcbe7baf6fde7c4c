import ContainerImage
import ImageStore

/// An index and what some platforms leave of it, known before anything of what it leads to is read: what isn't kept isn't
/// asked for, and may be missing.
struct FilteredIndex: Sendable {
    /// The index, or image, as documents have it.
    let whole: DigestReference
    /// What takes its place; the same where nothing is left out, and where it stays as it is.
    private(set) var filtered: DigestReference
    /// The entries that are kept, of indexes that stay as they are.
    private(set) var kept: [Digest: Set<Digest>] = [:]
    /// The text of the index.
    private(set) var text = ""
    /// What has been read already.
    private(set) var manifests: [Digest: RawManifest] = [:]
    private let source: any ImageSource
    private let platforms: [Platform]
    /// Whether indexes in the index lead to what is wanted.
    private var leading: [Digest: Bool] = [:]

    /// Reads `reference` and the indexes without a platform in it.
    ///
    /// - Parameter isSparse: Whether the index keeps its bytes.
    /// - Throws: `PlatformFilterError` when nothing fits; `ImageTreeError` naming the reference.
    init(
        _ reference: DigestReference,
        to platforms: [Platform],
        sparsely isSparse: Bool,
        from source: any ImageSource
    ) async throws {
        whole = reference
        filtered = reference
        self.source = source
        self.platforms = platforms
        let manifest = try await read(reference.digest)
        guard case .index(let index) = try parsed(manifest) else { return }
        text = String(decoding: manifest.bytes, as: UTF8.self)
        for entry in index.manifests where Self.mayLead(entry) { _ = try await leads(to: entry.digest, depth: 1) }
        guard let marks = index.entries(for: platforms, leadsToWanted: { leading[$0.digest] == true }) else {
            throw PlatformFilterError(
                index: reference,
                platforms: platforms,
                available: index.manifests.compactMap(\.platform)
            )
        }
        if isSparse {
            try keep(index, marks, of: reference.digest)
            return
        }
        do {
            let kept = try manifest.keepingEntries(marked: marks)
            filtered.digest = kept.digest
            manifests[kept.digest] = kept
        } catch {
            throw ImageTreeError.unreadable(reference, error)
        }
    }

    /// Keeps the marked entries of an index, and of the indexes among these what fits in turn.
    private mutating func keep(_ index: ImageIndex, _ marks: [Bool], of digest: Digest) throws {
        guard kept[digest] == nil else { return }
        let entries = zip(index.manifests, marks).filter(\.1).map(\.0)
        kept[digest] = Set(entries.map(\.digest))
        for entry in entries where Self.mayLead(entry) {
            guard let manifest = manifests[entry.digest], case .index(let inner) = try parsed(manifest),
                let marks = inner.entries(for: platforms, leadsToWanted: { leading[$0.digest] == true })
            else { continue }
            try keep(inner, marks, of: entry.digest)
        }
    }

    private static func mayLead(_ entry: Descriptor) -> Bool {
        entry.platform == nil && (entry.mediaType.isIndex || entry.mediaType == .octetStream)
    }

    /// Whether the index of `digest` has an image for one of the platforms, at any depth.
    private mutating func leads(to digest: Digest, depth: Int) async throws -> Bool {
        if let known = leading[digest] { return known }
        guard depth <= ImageTree.depthLimit else {
            throw ImageTreeError.tooDeep(DigestReference(repository: whole.repository, digest: digest))
        }
        guard leading.count < ImageTree.countLimit else { throw ImageTreeError.tooMany(whole) }
        var found = false
        if case .index(let index) = try parsed(try await read(digest)) {
            for entry in index.manifests {
                if let platform = entry.platform {
                    found = platforms.contains { platform.satisfies($0) } || found
                } else if Self.mayLead(entry) {
                    found = try await leads(to: entry.digest, depth: depth + 1) || found
                }
            }
        }
        leading[digest] = found
        return found
    }

    private mutating func read(_ digest: Digest) async throws -> RawManifest {
        try Task.checkCancellation()
        if let known = manifests[digest] { return known }
        do {
            let manifest = try await source.manifest(digest)
            manifests[digest] = manifest
            return manifest
        } catch {
            if error is CancellationError { throw error }
            throw ImageTreeError.unreadable(DigestReference(repository: whole.repository, digest: digest), error)
        }
    }

    private func parsed(_ manifest: RawManifest) throws -> Manifest {
        do {
            return try manifest.parsed()
        } catch {
            let reference = DigestReference(repository: whole.repository, digest: manifest.digest)
            throw ImageTreeError.unreadable(reference, error)
        }
    }
}

/// A source of which some manifests are here already.
struct PrefetchedSource: ImageSource {
    let base: any ImageSource
    let manifests: [Digest: RawManifest]

    var name: String { base.name }
    var isRepeatable: Bool { base.isRepeatable }
    var origin: Repository? { base.origin }

    func manifest(_ digest: Digest) async throws -> RawManifest {
        if let known = manifests[digest] { return known }
        return try await base.manifest(digest)
    }

    func content(of blob: Descriptor, from offset: Int64) async throws -> BlobBody {
        try await base.content(of: blob, from: offset)
    }
}
