public import ContainerImage
public import ImageStore
public import RegistryClient

/// Makes a repository that images were copied to list what refers to them, and name what has names.
public struct CompanionArrival: Sendable {
    private let repository: RemoteRepository
    private let limit: Int

    /// An arrival in `repository`, with at most `limit` requests under way at once.
    public init(in repository: RemoteRepository, atMost limit: Int) {
        self.repository = repository
        self.limit = limit
    }

    /// Lists and names what is in `trees`, which the repository has.
    ///
    /// - Returns: What couldn't be listed, a line for each.
    /// - Throws: `RegistryError`.
    public func finish(_ trees: [ImageTree], names: [TaggedImage]) async throws -> [String] {
        var manifests: [Digest: RawManifest] = [:]
        for tree in trees.flatMap(\.all) { manifests[tree.manifest.digest] = tree.manifest }
        var referrers: [Digest: [Descriptor]] = [:]
        for manifest in manifests.values {
            guard let note = manifest.referrerNote, manifests[note.subject] != nil else { continue }
            referrers[note.subject, default: []].append(note.descriptor)
        }
        // One subject after the other's list: two changes of one tag at once would lose an entry.
        let remarks = try await referrers.sorted { $0.key < $1.key }.concurrentMap(atMost: limit) { subject, list in
            try await repository.list(list.sorted { $0.digest < $1.digest }, of: subject).map {
                "what refers to \(repository.name)@\(subject) is there but not listed: \($0)"
            }
        }
        let known = names.filter { manifests[$0.image.digest] != nil }
        try await known.concurrentForEach(atMost: limit) { name in
            guard try await digest(of: name.tag) != name.image.digest else { return }
            try await repository.tag(name.image.digest, as: [name.tag])
        }
        return remarks.compactMap(\.self)
    }

    private func digest(of tag: Tag) async throws -> Digest? {
        do {
            return try await repository.descriptor(of: tag)?.digest
        } catch let error as RegistryError where error.mayMeanAbsence {
            return nil
        }
    }
}
