import ContainerImage
import ImageStore

/// A repository that tags and manifests are deleted from, and that gets back what somebody has given another name
/// meanwhile: a registry deletes a manifest with all tags that name it, and can't be asked to do so only if there are none.
struct GuardedRepository: Sendable {
    /// What came of a deletion.
    enum Removal: Equatable {
        case removed, absent, unsupported
        /// Nothing was deleted: what stays leads to it, or has it attached.
        case needed
    }

    private let repository: any ImageRepository
    private let limit: Int
    /// What tags named when they were asked for last.
    private var tags: [Tag: Digest]
    /// The tags of what belongs to images that go.
    private var companions: Set<Tag>
    private var retained: RetainedContent
    /// What was deleted, in case that something leads to it.
    private var deleted: [Digest: RawManifest] = [:]
    /// Whether the registry deletes tags without what they name; nil as long as nobody has tried.
    private var deletesTags: Bool?
    /// What was put back: a line for each.
    private(set) var notes: [String] = []

    /// How many bytes of deleted manifests there may be before it is found out whether something leads to them.
    private static let sizeLimit = 64 << 20

    /// Finds out what is in a repository, and what of it stays.
    ///
    /// - Parameters:
    ///   - entries: The tags that go, and what they name.
    ///   - limit: How many requests are under way at once.
    /// - Throws: `UnreadableContentError` where it can't be told what a manifest leads to.
    init(_ repository: any ImageRepository, without entries: [PrunePlan.Entry], atMost limit: Int) async throws {
        self.repository = repository
        self.limit = limit
        retained = RetainedContent(in: repository, atMost: limit)
        let listed = try await Self.tags(of: repository)
        tags = [:]
        for entry in entries {
            let tag = try Tag(entry.tag)
            if listed.contains(tag) { tags[tag] = entry.digest }
        }
        let doomed = Set(entries.map(\.digest))
        companions = Set(doomed.flatMap(Self.companions)).subtracting(tags.keys)
        try await note(listed.subtracting(tags.keys).subtracting(companions))
        // What has another name keeps what belongs to it.
        var kept: Set<Digest> = []
        while case let more = doomed.intersection(retained.manifests).subtracting(kept), !more.isEmpty {
            kept.formUnion(more)
            let names = Set(more.flatMap(Self.companions)).intersection(companions)
            companions.subtract(names)
            try await note(names.intersection(listed))
        }
    }

    /// The tags of what may belong to an image.
    static func companions(of digest: Digest) -> [Tag] { Tag.cosign(of: digest) + [.referrers(of: digest)] }

    private static func tags(of repository: any ImageRepository) async throws -> Set<Tag> {
        do {
            return Set(try await repository.tags().compactMap { try? Tag($0) })
        } catch let error as any StoreError where error.meansAbsence {
            return []
        }
    }

    /// Notes that tags stay, with what they name.
    private mutating func note(_ names: Set<Tag>) async throws {
        let (names, repository) = (names.sorted { $0.name < $1.name }, repository)
        let digests = try await names.concurrentMap(atMost: limit) { try await repository.descriptor(of: $0)?.digest }
        for (tag, digest) in zip(names, digests) { tags[tag] = digest }
        try await retained.add(digests.compactMap(\.self), knowing: deleted)
    }

    /// Whether something that stays leads to a manifest.
    func needs(_ digest: Digest) -> Bool { retained.manifests.contains(digest) }

    /// Notes the tags that have come since.
    mutating func refresh() async throws {
        try await note(try await Self.tags(of: repository).subtracting(tags.keys).subtracting(companions))
    }

    /// Deletes a tag. Some registries delete what it names as well: what stays is put back then.
    mutating func remove(_ tag: Tag, naming digest: Digest) async throws -> Removal {
        guard deletesTags != false else { return .unsupported }
        let manifest = needs(digest) ? try await manifest(digest) : nil
        switch try await repository.remove(tag) {
        case .absent: return .absent
        case .unsupported:
            deletesTags = false
            return .unsupported
        case .removed:
            deletesTags = deletesTags ?? true
            tags[tag] = nil
            if let manifest, try await repository.contains(manifest: digest) == false {
                try await putBack(manifest, as: tags.filter { $0.value == digest }.map(\.key))
            }
            return .removed
        }
    }

    /// Deletes a manifest, and all tags that name it.
    mutating func remove(manifest digest: Digest) async throws -> Removal {
        guard let manifest = try await manifest(digest) else { return .absent }
        try await refresh()
        guard !needs(digest) else { return .needed }
        if let subject = manifest.referrerDescriptor?.subject, needs(subject) { return .needed }
        switch try await repository.remove(manifest: digest) {
        case .absent: return .absent
        case .unsupported: return .unsupported
        case .removed: deleted[digest] = manifest
        }
        let listed = try await Self.tags(of: repository)
        for (tag, former) in tags.sorted(by: { $0.key.name < $1.key.name }) {
            if listed.contains(tag) {
                // It doesn't name that any more, or would be gone.
                if former == digest { try await note([tag]) }
                continue
            }
            tags[tag] = nil
            // Where tags aren't deleted by themselves, one whose image is still there was moved to the one that went.
            guard former != digest, deletesTags == false, try await repository.contains(manifest: former) != false
            else { continue }
            try await putBack(manifest, as: [tag])
        }
        try await note(listed.subtracting(tags.keys).subtracting(companions))
        if deleted.values.reduce(0, { $0 + $1.bytes.count }) > Self.sizeLimit { try await restore() }
        return .removed
    }

    /// Whether a tag was there when it was asked last.
    func lists(_ tag: Tag) -> Bool { tags[tag] != nil }

    /// Puts back what was deleted and what something leads to by now.
    mutating func restore() async throws {
        guard !deleted.isEmpty else { return }
        var content = retained.emptied
        let (names, repository) = (try await Self.tags(of: repository).subtracting(companions), repository)
        let digests = try await names.sorted { $0.name < $1.name }
            .concurrentMap(atMost: limit) { try await repository.descriptor(of: $0)?.digest }
        try await content.add(digests.compactMap(\.self), knowing: deleted)
        for manifest in content.lost { try await putBack(manifest, as: []) }
        retained = content
        deleted = [:]
    }

    private func manifest(_ digest: Digest) async throws -> RawManifest? {
        do {
            return try await repository.manifest(digest)
        } catch let error as any StoreError where error.meansAbsence {
            return nil
        }
    }

    private mutating func putBack(_ manifest: RawManifest, as names: [Tag]) async throws {
        let (place, digest) = (repository.repository, manifest.digest)
        let names = names.sorted { $0.name < $1.name }
        let list = names.map { "\(place):\($0)" }.joined(separator: ", ")
        do {
            if names.isEmpty { try await repository.push(manifest, tag: nil) }
            for tag in names { try await repository.push(manifest, tag: tag) }
        } catch let error as any StoreError {
            throw LostContentError(image: DigestReference(repository: place, digest: digest), names: list, cause: error)
        }
        deleted[digest] = nil
        for tag in names { tags[tag] = digest }
        try await retained.add([digest])
        notes.append(
            names.isEmpty
                ? "\(place)@\(digest) was put back: something leads to it by now"
                : "\(list) was put back with \(digest), which the registry has deleted with another tag"
        )
    }
}

/// What was deleted though it has another name by now, and couldn't be put back.
struct LostContentError: HintedError {
    let image: DigestReference
    /// The names; empty where something else leads to it.
    let names: String
    let cause: any StoreError

    /// What is lost, and what to do.
    var message: HintedText {
        "\(image) was deleted though it was given another name meanwhile"
            + "\(names.isEmpty ? "" : " (\(names))"), and can't be put back: \(HintedText(describing: cause)); copy it again"
    }
}
