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
        /// What stays: a line for each.
        public var notes: [String] = []
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
        let doomed = try Set(entries.map { try Tag($0.tag) })
        let companions = Set(entries.flatMap { Tag.cosign(of: $0.digest) + [.referrers(of: $0.digest)] })
        // What is only a companion of what goes doesn't keep it.
        guard let live = try await live(in: repository, without: doomed.union(companions)) else {
            outcome.notes.append(
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
        for digest in Set(entries.map(\.digest)) where !live.contains(digest) {
            attached[digest] = try await self.companions(of: digest, in: repository, live, depth: 0)
        }
        for entry in entries {
            guard try await isUnmoved(entry, in: repository) else {
                outcome.notes.append(Self.stays(entry))
                continue
            }
            switch try await repository.remove(Tag(entry.tag)) {
            case .removed, .absent: outcome.deleted.append(entry)
            case .unsupported:
                guard !live.contains(entry.digest) else {
                    outcome.notes.append(
                        "\(entry.name) stays: the registry deletes by digest alone, and something else leads to \(entry.digest)"
                    )
                    continue
                }
                guard try await repository.remove(manifest: entry.digest) != .unsupported else {
                    outcome.notes.append("\(entry.name) stays: the registry doesn't allow deleting")
                    attached[entry.digest] = nil
                    continue
                }
                outcome.deleted.append(entry)
            }
        }
        let gone = Set(outcome.deleted.lazy.filter { $0.repository == "\(repository.repository)" }.map(\.digest))
        for (_, companions) in attached.filter({ gone.contains($0.key) }).sorted(by: { $0.key < $1.key }) {
            for companion in companions where try await remove(companion, from: repository, live) {
                outcome.companions += 1
            }
        }
    }

    /// Whether the tag names what it did, or is gone. Others may have set it meanwhile.
    private func isUnmoved(_ entry: PrunePlan.Entry, in repository: any ImageRepository) async throws -> Bool {
        let current = try await repository.descriptor(of: Tag(entry.tag))?.digest
        return current == nil || current == entry.digest
    }

    private static func stays(_ entry: PrunePlan.Entry) -> String {
        "\(entry.name) stays: it names another image now"
    }

    /// All manifests that remaining tags lead to, or that these belong to; nil where that can't be told.
    private func live(in repository: any ImageRepository, without doomed: Set<Tag>) async throws -> Set<Digest>? {
        let tags: [Tag]
        do {
            tags = try await repository.tags().compactMap { try? Tag($0) }.filter { !doomed.contains($0) }
        } catch let error as any StoreError where error.meansAbsence {
            return []
        }
        let found = try await tags.concurrentMap(atMost: limit) { try await repository.descriptor(of: $0) }
        var live: Set<Digest> = []
        var pending = found.compactMap(\.self)
        while let descriptor = pending.popLast() {
            guard live.insert(descriptor.digest).inserted else { continue }
            let manifest: RawManifest
            do {
                manifest = try await repository.manifest(descriptor.digest)
            } catch let error as any StoreError where error.meansAbsence {
                continue
            } catch let error as any StoreError where error.manifestError != nil {
                return nil
            }
            if let referrer = manifest.referrerDescriptor {
                // An artifact with a name of its own keeps what it belongs to.
                pending.append(Descriptor(mediaType: .ociManifest, digest: referrer.subject, size: 0))
            }
            guard let parsed = try? manifest.parsed() else { return nil }
            if case .index(let index) = parsed { pending += index.manifests }
        }
        return live
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
        _ live: Set<Digest>,
        depth: Int
    ) async throws -> [Companion] {
        var found: [Companion] = []
        if depth < ImageTree.depthLimit {
            for referrer in try await repository.referrers(of: digest).descriptors where !live.contains(referrer.digest)
            {
                found += try await companions(of: referrer.digest, in: repository, live, depth: depth + 1)
                found.append(.manifest(referrer.digest))
            }
        }
        for tag in Tag.cosign(of: digest) + [.referrers(of: digest)] {
            guard let named = try await repository.descriptor(of: tag) else { continue }
            found.append(.tag(tag, named.digest))
        }
        return found
    }

    /// Deletes what belonged to an image; whether it was there.
    private func remove(
        _ companion: Companion,
        from repository: any ImageRepository,
        _ live: Set<Digest>
    ) async throws -> Bool {
        switch companion {
        case .manifest(let digest): return try await repository.remove(manifest: digest) == .removed
        case .tag(let tag, let digest):
            var outcome = try await repository.remove(tag)
            if outcome == .unsupported, !live.contains(digest) {
                outcome = try await repository.remove(manifest: digest)
            }
            return outcome == .removed
        }
    }
}
