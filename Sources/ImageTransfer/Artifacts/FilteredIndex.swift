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
    /// Attestations of kept images that aren't at the source.
    private(set) var goneAttestations: [Digest] = []
    /// Whether nothing fits, so that the index stays whole.
    private(set) var lacksPlatforms = false
    private let source: any ImageSource
    private let absent: Set<Digest>
    private let platforms: [Platform]
    /// Whether indexes in the index lead to what is wanted.
    private var leading: [Digest: Bool] = [:]

    /// What is different from what was asked for, a line for each.
    var remarks: [HintedText] {
        let list = platforms.map(\.description).joined(separator: ", ")
        return (lacksPlatforms ? ["keeping all of \(whole), which has nothing for \(list)"] : [])
            + goneAttestations.map { "not including the attestation \($0) of \(whole): it isn't there any more" }
    }

    /// Reads `reference` and the indexes without a platform in it.
    ///
    /// - Parameters:
    ///   - selection: The platforms, and whether the index keeps its bytes.
    ///   - absent: What the source lacks of indexes, on purpose.
    /// - Throws: `PlatformFilterError` when nothing fits; `ImageTreeError` naming the reference.
    init(
        _ reference: DigestReference,
        by selection: ArtifactSelection,
        without absent: Set<Digest>,
        from source: any ImageSource
    ) async throws {
        self.absent = absent
        whole = reference
        filtered = reference
        self.source = source
        platforms = selection.platforms
        let manifest = try await read(reference.digest)
        guard case .index(let index) = try parsed(manifest) else { return }
        text = String(decoding: manifest.bytes, as: UTF8.self)
        for entry in index.manifests where mayLead(entry) { _ = try await leads(to: entry.digest, depth: 1) }
        let marks = selection.isSparse ? sparseMarks(of: index) : entries(of: index)
        guard let marks else {
            if selection.allowsMissingPlatform {
                lacksPlatforms = true
                return
            }
            throw PlatformFilterError(
                index: reference,
                platforms: platforms,
                available: index.manifests.filter { !absent.contains($0.digest) }.compactMap(\.platform)
                    .filter { !$0.isUnknown }
            )
        }
        if selection.isSparse {
            try await keep(index, marks, of: reference.digest)
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
    private mutating func keep(_ index: ImageIndex, _ marks: [Bool], of digest: Digest) async throws {
        guard kept[digest] == nil else { return }
        let entries = zip(index.manifests, marks).filter(\.1).map(\.0)
        kept[digest] = Set(entries.map(\.digest))
        for entry in entries where entry.isAttestation {
            guard try await !isThere(entry) else { continue }
            kept[digest]?.remove(entry.digest)
            goneAttestations.append(entry.digest)
        }
        for entry in entries where mayLead(entry) {
            guard let manifest = manifests[entry.digest], case .index(let inner) = try parsed(manifest),
                let marks = sparseMarks(of: inner)
            else { continue }
            try await keep(inner, marks, of: entry.digest)
        }
    }

    /// The entries that stay of an index that keeps its bytes: what fits, and images that are for no platform; nil when
    /// nothing fits.
    private func sparseMarks(of index: ImageIndex) -> [Bool]? {
        let marks = entries(of: index)
        let bare = index.manifests.map { entry in
            guard entry.platform == nil, !entry.isAttestation, !absent.contains(entry.digest) else {
                return false
            }
            guard mayLead(entry) else { return true }
            return manifests[entry.digest].map { if case .image? = try? $0.parsed() { true } else { false } } ?? false
        }
        guard let marks else { return bare.allSatisfy(\.self) ? bare : nil }
        return zip(marks, bare).map { $0 || $1 }
    }

    /// Whether all of an attestation is at the source. Some stores lose theirs: nothing needs them.
    private mutating func isThere(_ entry: Descriptor) async throws -> Bool {
        do {
            let manifest = try await source.manifest(entry.digest)
            manifests[entry.digest] = manifest
            guard case .image(let image) = try manifest.parsed(), let store = source as? any ImageDestination else {
                return true
            }
            for blob in [image.config] + image.layers where try await store.contains(blob) == false { return false }
            return true
        } catch let error as any StoreError where error.mayMeanAbsence {
            return false
        } catch {
            if error is CancellationError { throw error }
            throw ImageTreeError.unreadable(
                DigestReference(repository: whole.repository, digest: entry.digest),
                error
            )
        }
    }

    /// The entries that fit and that the source has.
    private func entries(of index: ImageIndex) -> [Bool]? {
        guard !absent.isEmpty else { return index.entries(for: platforms) { leading[$0.digest] == true } }
        // Without those that aren't there: an attestation goes with its image.
        let there = index.manifests.filter { !absent.contains($0.digest) }
        var present = index
        present.manifests = there
        guard let marks = present.entries(for: platforms, leadsToWanted: { leading[$0.digest] == true }) else {
            return nil
        }
        let fitting = Set(zip(there, marks).filter(\.1).map(\.0.digest))
        return index.manifests.map { fitting.contains($0.digest) }
    }

    private func mayLead(_ entry: Descriptor) -> Bool {
        entry.platform == nil && !absent.contains(entry.digest)
            && (entry.mediaType.isIndex || entry.mediaType == .octetStream)
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
                if absent.contains(entry.digest) { continue }
                if let platform = entry.platform {
                    found = platforms.contains { platform.satisfies($0) } || found
                } else if mayLead(entry) {
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
