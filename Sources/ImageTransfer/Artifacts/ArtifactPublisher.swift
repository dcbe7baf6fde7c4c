public import ContainerImage
public import ImageStore

/// Makes a repository that images were copied to list what refers to them, and name what has names.
public struct ArtifactPublisher: Sendable {
    private let repository: any ImageRepository
    private let limit: Int

    /// Creates a publisher for `repository`, with at most `limit` requests under way at once.
    public init(in repository: any ImageRepository, atMost limit: Int) {
        self.repository = repository
        self.limit = limit
    }

    /// Lists and names what is in `trees`, which the repository has.
    ///
    /// - Returns: What couldn't be listed, a line for each.
    /// - Throws: What keeps the repository from it.
    public func finish(_ trees: [ImageTree], names: [TaggedImage]) async throws -> [String] {
        var manifests: [Digest: RawManifest] = [:]
        for tree in trees.flatMap(\.all) { manifests[tree.manifest.digest] = tree.manifest }
        var referrers: [Digest: [Descriptor]] = [:]
        for manifest in manifests.values {
            guard let note = manifest.referrerDescriptor, manifests[note.subject] != nil else { continue }
            referrers[note.subject, default: []].append(note.descriptor)
        }
        // One subject after the other's list: two changes of one tag at once would lose an entry.
        let remarks = try await referrers.sorted { $0.key < $1.key }.concurrentMap(atMost: limit) { subject, list in
            try await repository.registerReferrers(list.sorted { $0.digest < $1.digest }, for: subject).map {
                "the referrers of \(repository.name)@\(subject) are pushed but not listed: \($0)"
            }
        }
        let known = names.compactMap { name in manifests[name.image.digest].map { (name, $0) } }
        let kept = try await known.concurrentMap(atMost: limit) { name, manifest -> String? in
            let there = try await digest(of: name.tag)
            guard there != name.image.digest else { return nil }
            if let there, try await !isContinued(there, by: manifest) {
                return "the tag \(repository.name):\(name.tag) stays at \(there): \(name.image.digest) "
                    + "lacks some of its content"
            }
            try await repository.tag(name.image.digest, as: [name.tag])
            return nil
        }
        return (remarks + kept).compactMap(\.self)
    }

    /// Whether `manifest` has all that the one of `digest` has. Cosign adds signatures to those that are there, so a tag
    /// may move on to such; from anything else it would take what its owner has put there.
    private func isContinued(_ digest: Digest, by manifest: RawManifest) async throws -> Bool {
        guard case .image(let new)? = try? manifest.parsed() else { return false }
        let there: RawManifest
        do {
            there = try await repository.manifest(digest)
        } catch let error as any StoreError where error.mayMeanAbsence {
            return true
        }
        guard case .image(let old)? = try? there.parsed(), !old.layers.isEmpty else { return false }
        return Set(new.layers.map(\.digest)).isSuperset(of: old.layers.map(\.digest))
    }

    private func digest(of tag: Tag) async throws -> Digest? {
        do {
            return try await repository.descriptor(of: tag)?.digest
        } catch let error as any StoreError where error.mayMeanAbsence {
            return nil
        }
    }
}
