public import ContainerImage
public import ImageStore

/// Carries a plan to prune out. Nothing is deleted unless every tag of it names what it did.
public struct PruneExecution: Sendable {
    /// What came of it.
    public struct Outcome: Sendable {
        /// The tags that were deleted.
        public var deleted: [PrunePlan.Entry] = []
        /// The tags that were gone before.
        public var absent: [PrunePlan.Entry] = []
        /// How many manifests and tags that belonged to them are gone as well.
        public var companions = 0
        /// What stays, or was put back: a line for each.
        public var notes: [String] = []
        /// What couldn't be deleted: a line for each repository.
        public var failures: [String] = []
    }

    private let registry: any ImageRegistry
    private let limit: Int

    /// Creates an execution.
    ///
    /// - Parameter limit: How many requests are under way at once.
    public init(in registry: any ImageRegistry, atMost limit: Int) {
        self.registry = registry
        self.limit = limit
    }

    /// Deletes the tags of `plan`, and what is attached to images that have no other name.
    ///
    /// - Parameter repositories: Those that the mirror's document maps to.
    /// - Throws: `PruneRefusal` before anything is deleted.
    public func run(_ plan: PrunePlan, in repositories: Set<Repository>) async throws -> Outcome {
        var tags: [Repository: [PrunePlan.Entry]] = [:]
        for entry in plan.tags {
            guard let repository = try? Repository(entry.repository), repositories.contains(repository),
                (try? Tag(entry.tag)) != nil
            else { throw PruneRefusal.foreign(entry) }
            tags[repository, default: []].append(entry)
        }
        let groups = tags.sorted { $0.key < $1.key }
        let current = try await plan.tags.concurrentMap(atMost: limit) { entry in
            try await registry.repository(Repository(entry.repository)).descriptor(of: Tag(entry.tag))?.digest
        }
        for case (let entry, let digest?) in zip(plan.tags, current) where digest != entry.digest {
            throw PruneRefusal.moved(entry, digest)
        }
        let absent = Set(zip(plan.tags, current).filter { $1 == nil }.map(\.0))
        var outcome = Outcome()
        for (repository, entries) in groups {
            try await delete(entries, from: registry.repository(repository), &outcome)
        }
        outcome.absent = outcome.deleted.filter(absent.contains)
        outcome.deleted.removeAll(where: absent.contains)
        return outcome
    }

    private func delete(
        _ entries: [PrunePlan.Entry],
        from repository: any ImageRepository,
        _ outcome: inout Outcome
    ) async throws {
        var content: GuardedRepository
        do {
            content = try await GuardedRepository(repository, without: entries, atMost: limit)
        } catch is UnreadableContentError {
            outcome.failures.append(
                "\(repository.repository): nothing is deleted, as what one of its manifests leads to can't be read"
            )
            return
        }
        var moved: Set<PrunePlan.Entry> = []
        for entry in entries where try await !isUnmoved(entry, in: repository) { moved.insert(entry) }
        let entries = entries.filter { !moved.contains($0) }
        outcome.notes += moved.map { Self.stays($0) }.sorted()
        // Found before their images go, and deleted after them: an interruption leaves no name without its signatures.
        var attached: [Digest: [Companion]] = [:]
        for digest in Set(entries.map(\.digest)) where !content.needs(digest) {
            attached[digest] = try await companions(of: digest, in: repository, content, depth: 0)
        }
        do {
            let gone = try await remove(entries, from: repository, &content, &outcome)
            try await content.refresh()
            for (digest, companions) in attached.sorted(by: { $0.key < $1.key }) {
                guard gone.contains(digest), !content.needs(digest) else { continue }
                for companion in companions where try await Self.remove(companion, from: &content) {
                    outcome.companions += 1
                }
            }
            try await content.restore()
        } catch is UnreadableContentError {
            outcome.failures.append(
                "\(repository.repository): not all is deleted, as what a manifest that has come leads to can't be read"
            )
        }
        outcome.notes += content.notes
    }

    /// Deletes tags.
    ///
    /// - Returns: What they named, of those that are gone.
    private func remove(
        _ entries: [PrunePlan.Entry],
        from repository: any ImageRepository,
        _ content: inout GuardedRepository,
        _ outcome: inout Outcome
    ) async throws -> Set<Digest> {
        var gone: Set<Digest> = []
        for (position, entry) in entries.enumerated() {
            guard try await isUnmoved(entry, in: repository) else {
                outcome.notes.append(Self.stays(entry))
                continue
            }
            let tag = try Tag(entry.tag)
            var removal = try await content.remove(tag, naming: entry.digest)
            if removal == .unsupported { removal = try await content.remove(manifest: entry.digest) }
            switch removal {
            case .removed where content.lists(tag): outcome.notes.append(Self.stays(entry))
            case .removed, .absent:
                outcome.deleted.append(entry)
                gone.insert(entry.digest)
            case .needed:
                outcome.notes.append(
                    "\(entry.name) stays: the registry deletes by digest alone, and something else leads to \(entry.digest)"
                )
            case .unsupported:
                let count = Count.text(entries.count - position, "tag")
                outcome.failures.append(
                    "\(repository.repository): the registry doesn't allow deleting; \(count) that should go stay"
                )
                return gone
            }
        }
        return gone
    }

    /// Whether the tag names what it did, or is gone. Others may have set it meanwhile.
    private func isUnmoved(_ entry: PrunePlan.Entry, in repository: any ImageRepository) async throws -> Bool {
        let current = try await repository.descriptor(of: Tag(entry.tag))?.digest
        return current == nil || current == entry.digest
    }

    private static func stays(_ entry: PrunePlan.Entry) -> String {
        "\(entry.name) stays: it names another image now"
    }

    /// What belongs to an image that goes.
    private enum Companion: Sendable {
        case manifest(Digest)
        case tag(Tag, Digest)
    }

    /// The referrers of an image that goes, their referrers, and what cosign keeps under tags.
    private func companions(
        of digest: Digest,
        in repository: any ImageRepository,
        _ content: GuardedRepository,
        depth: Int
    ) async throws -> [Companion] {
        var found: [Companion] = []
        if depth < ImageTree.depthLimit {
            for referrer in try await repository.referrers(of: digest).descriptors where !content.needs(referrer.digest)
            {
                found += try await companions(of: referrer.digest, in: repository, content, depth: depth + 1)
                found.append(.manifest(referrer.digest))
            }
        }
        for tag in GuardedRepository.companions(of: digest) {
            guard let named = try await repository.descriptor(of: tag) else { continue }
            found.append(.tag(tag, named.digest))
        }
        return found
    }

    /// Deletes what belonged to an image; whether it was there.
    private static func remove(
        _ companion: Companion,
        from content: inout GuardedRepository
    ) async throws -> Bool {
        switch companion {
        case .manifest(let digest): return try await content.remove(manifest: digest) == .removed
        case .tag(let tag, let digest):
            var removal = try await content.remove(tag, naming: digest)
            if removal == .unsupported { removal = try await content.remove(manifest: digest) }
            return removal == .removed
        }
    }
}
