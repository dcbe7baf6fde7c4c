public import ContainerImage
public import ImageStore
import KbldConfiguration
import ReferenceChecks

/// Finds out which of a mirror's own tags its document doesn't name any more.
public struct PrunePlanner: Sendable {
    /// What was found.
    public struct Outcome: Sendable {
        /// The tags that may go.
        public var tags: [PrunePlan.Entry] = []
        /// How many tags there are in the repositories that the document maps to.
        public var total = 0
        /// What stays though the document doesn't name it: a line for each.
        public var notes: [String] = []
    }

    private let document: MirrorDocument
    private let registry: any ImageRegistry
    private let limit: Int

    /// Creates a planner.
    ///
    /// - Parameter limit: How many requests are under way at once.
    public init(_ document: MirrorDocument, in registry: any ImageRegistry, atMost limit: Int) {
        self.document = document
        self.registry = registry
        self.limit = limit
    }

    /// Finds out what may go.
    ///
    /// - Parameters:
    ///   - selection: What the document names.
    ///   - state: Which tags are the mirror's own.
    ///   - others: Which tags are those of other mirrors that have the same target, by their names.
    ///   - now: Seconds since 1970.
    public func plan(
        _ selection: MirrorSelection,
        _ state: MirrorState,
        beside others: [String: MirrorState],
        now: Int64
    ) async throws -> Outcome {
        let repositories = selection.repositories.sorted()
        let known = Dictionary(grouping: state.all, by: \.name.repository)
        let outcomes = try await repositories.concurrentMap(atMost: limit) { repository in
            try await plan(repository, known[repository] ?? [], selection, state, others, now: now)
        }
        return outcomes.reduce(into: Outcome()) { all, one in
            all.tags += one.tags
            all.total += one.total
            all.notes += one.notes
        }
    }

    /// All tags of the repositories that the document maps to, with what they name, to take them for the mirror's own.
    public func present(_ repositories: Set<Repository>) async throws -> [(Repository, Tag, Digest)] {
        let each = try await repositories.sorted().concurrentMap(atMost: limit) { repository in
            let tags = try await Self.tags(of: registry.repository(repository))
            var found: [(Repository, Tag, Digest)] = []
            for tag in tags.sorted(by: { $0.name < $1.name }) {
                guard let digest = try await registry.repository(repository).descriptor(of: tag)?.digest else {
                    continue
                }
                found.append((repository, tag, digest))
            }
            return found
        }
        return each.flatMap(\.self)
    }

    /// The tags of a repository but for those that stand for digests, and the state's.
    private static func tags(of repository: any ImageRepository) async throws -> Set<Tag> {
        do {
            let tags = try await repository.tags().compactMap { try? Tag($0) }
            return Set(tags.filter { !$0.standsForDigest && !MirrorStateStore.isState($0) })
        } catch let error as any StoreError where error.meansAbsence {
            return []
        }
    }

    private func plan(
        _ repository: Repository,
        _ known: [(name: ImageReference, entry: MirrorState.Entry)],
        _ selection: MirrorSelection,
        _ state: MirrorState,
        _ others: [String: MirrorState],
        now: Int64
    ) async throws -> Outcome {
        var outcome = Outcome()
        let store = registry.repository(repository)
        let tags = try await Self.tags(of: store)
        outcome.total = tags.count
        guard !selection.unknown.contains(repository) else {
            outcome.notes.append("\(repository): nothing is pruned, as what is wanted couldn't be found out")
            return outcome
        }
        let wanted = selection.tags[repository] ?? []
        let pinned = Set(
            (selection.pinned[repository] ?? []).flatMap { digest in
                [digest, state.filtered(digest, at: repository)].compactMap(\.self).map { Tag.kbldDigestTag(for: $0) }
            }
        )
        var candidates: [(tag: Tag, set: Int64)] = []
        for (name, entry) in known {
            guard case .tag(_, let tag) = name, !wanted.contains(tag), !pinned.contains(tag),
                tags.contains(tag) || tag.standsForDigest
            else { continue }
            guard !document.prune.protected.contains(where: { $0.matches(tag.name) }) else {
                outcome.notes.append("\(repository):\(tag) stays: it is protected")
                continue
            }
            candidates.append((tag, entry.set))
        }
        if let newest = document.prune.newest {
            let kept = Self.newest(candidates.filter { !$0.tag.standsForDigest }, newest)
            for tag in kept { outcome.notes.append("\(repository):\(tag) stays: it is one of the newest \(newest)") }
            candidates.removeAll { kept.contains($0.tag) }
        }
        if let age = document.prune.olderThan {
            let limit = now.subtractingReportingOverflow(age.seconds).partialValue
            for candidate in candidates where candidate.set > limit {
                outcome.notes.append("\(repository):\(candidate.tag) stays: it was set within \(age)")
            }
            candidates.removeAll { $0.set > limit }
        }
        for candidate in candidates {
            guard let digest = try await Self.digest(of: candidate.tag, in: store) else { continue }
            guard state.owns(candidate.tag, in: repository, as: digest) else {
                outcome.notes.append("\(repository):\(candidate.tag) stays: somebody else has moved it to \(digest)")
                continue
            }
            if let other = others.first(where: { $0.value.owns(candidate.tag, in: repository, as: digest) }) {
                outcome.notes.append("\(repository):\(candidate.tag) stays: the mirror '\(other.key)' has it as well")
                continue
            }
            outcome.tags.append(
                PrunePlan.Entry(repository: repository.description, tag: candidate.tag.name, digest: digest)
            )
        }
        return outcome
    }

    private static func digest(of tag: Tag, in store: any ImageRepository) async throws -> Digest? {
        try await store.descriptor(of: tag)?.digest
    }

    /// The newest by version, or by when they were set where some have none.
    private static func newest(_ tags: [(tag: Tag, set: Int64)], _ count: Int) -> Set<Tag> {
        let versions = tags.compactMap { tag in TagSelection.version(of: tag.tag).map { (tag.tag, $0) } }
        guard versions.count == tags.count else {
            return Set(tags.sorted { ($1.set, $1.tag.name) < ($0.set, $0.tag.name) }.prefix(count).map(\.tag))
        }
        return Set(versions.sorted { ($1.1, $1.0.name) < ($0.1, $0.0.name) }.prefix(count).map(\.0))
    }
}
