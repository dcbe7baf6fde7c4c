public import ContainerImage
public import ImageStore
import ImageTransfer

/// Finds out what a run would do: lists of tags, and one HEAD for each tag at either side.
public struct MirrorPlanner: Sendable {
    let document: MirrorDocument
    let registry: any ImageRegistry
    let limit: Int
    let references: @Sendable ([String]) async throws -> [ImageReference]
    let known: MirrorMemory?
    let gone: Set<Repository>

    /// Creates a planner.
    ///
    /// - Parameters:
    ///   - limit: How many requests are under way at once.
    ///   - known: What earlier runs have found out.
    ///   - gone: Repositories that are known to have no tags any more: it is no surprise if they list none.
    ///   - references: Gives what documents and charts name.
    public init(
        _ document: MirrorDocument,
        in registry: any ImageRegistry,
        atMost limit: Int,
        known: MirrorMemory? = nil,
        gone: Set<Repository> = [],
        references: @escaping @Sendable ([String]) async throws -> [ImageReference]
    ) {
        self.document = document
        self.registry = registry
        self.limit = limit
        self.known = known
        self.gone = gone
        self.references = references
    }

    /// One tag, or one image by its digest, that the target is to have.
    struct Item: Sendable {
        var source: ImageReference
        var repository: Repository
        var tag: Tag?
        var isImmutable: Bool
        /// Whether it was found in a list: the target's is asked for, too.
        var isListed: Bool
    }

    /// What one entry names.
    struct Expansion: Sendable {
        var items: [Item] = []
        var failures: [MirrorPlan.Failure] = []
        /// That a list is empty, which keeps nothing from being copied.
        var surprises: [MirrorPlan.Failure] = []
        var notes: [String] = []
        var dates: [Digest: Int64] = [:]
    }

    /// Finds out what to do. What fails for one image or repository is noted in the plan, and the others go on.
    ///
    /// - Parameter asksTarget: Whether the target counts; all is to be copied otherwise.
    /// - Throws: `MirrorCollisionError`; `CancellationError`.
    public func plan(asksTarget: Bool = true) async throws -> MirrorPlan {
        var plan = MirrorPlan()
        let expansions = try await expansions()
        plan.selection = try selection(of: expansions)
        plan.failures = expansions.flatMap(\.failures)
        plan.notes = expansions.flatMap(\.notes)
        for expansion in expansions { plan.dates.merge(expansion.dates) { $1 } }
        let items = try Self.distinct(expansions.flatMap(\.items))
        let tags = asksTarget ? try await targetTags(of: items) : [:]
        let filtered =
            asksTarget && isFiltering ? try await MirrorStateStore(document, in: registry).read() : MirrorState()
        let results = try await items.concurrentMap(atMost: limit, apartBy: { $0.source.repository.registry }) {
            item -> Result<MirrorPlan.Action, any Error> in
            do {
                return .success(try await action(for: item, tags[item.repository], filtered, asksTarget: asksTarget))
            } catch {
                if error is CancellationError { throw error }
                return .failure(error)
            }
        }
        var missing: [(item: Item, error: any Error)] = []
        for (item, result) in zip(items, results) {
            switch result {
            case .success(let action): plan.actions.append(action)
            case .failure(let error): missing.append((item, error))
            }
        }
        let gone = try await deleted(of: missing)
        plan.notes += gone.sorted().map(Self.note(onDeleted:))
        for (item, error) in missing where !gone.contains("\(item.source)") {
            plan.failures.append(MirrorPlan.Failure(of: item.source, error))
        }
        plan.actions = plan.actions.map { ($0.target, $0) }.sorted { $0.0 < $1.0 }.map(\.1)
        return plan
    }

    /// What the document names now, by what it is called in the target: lists of tags, and nothing else, are asked for.
    public func selection() async throws -> MirrorSelection { try selection(of: await expansions()) }

    private func expansions() async throws -> [Expansion] {
        try await document.entries.concurrentMap(atMost: limit, apartBy: \.registry) { try await expand($0) }
    }

    private func selection(of expansions: [Expansion]) throws -> MirrorSelection {
        var selection = MirrorSelection()
        for (entry, expansion) in zip(document.entries, expansions) {
            selection.failures += expansion.failures + expansion.surprises
            if case .repository(let name, _) = entry.content {
                let repository = try document.destination(of: name)
                selection.repositories.insert(repository)
                if !expansion.failures.isEmpty || !expansion.surprises.isEmpty {
                    selection.unknown.insert(repository)
                }
            } else if !expansion.failures.isEmpty {
                selection.isIncomplete = true
            }
            for item in expansion.items {
                selection.repositories.insert(item.repository)
                switch (item.tag, item.source) {
                case (let tag?, _): selection.tags[item.repository, default: []].insert(tag)
                case (nil, .digest(let image)): selection.pinned[item.repository, default: []].insert(image.digest)
                case (nil, .tag): break
                }
            }
        }
        return selection
    }

    /// Each item once.
    ///
    /// - Throws: `MirrorCollisionError` where two images are to have one name.
    private static func distinct(_ items: [Item]) throws(MirrorCollisionError) -> [Item] {
        var known: [String: Int] = [:]
        var distinct: [Item] = []
        for item in items {
            let target = "\(item.repository)@\(item.tag?.name ?? item.source.identifier)"
            guard let position = known[target] else {
                known[target] = distinct.count
                distinct.append(item)
                continue
            }
            // By digest the bytes are the same wherever they come from.
            if item.tag != nil, distinct[position].source != item.source {
                throw MirrorCollisionError(
                    sources: [distinct[position].source, item.source],
                    target: "\(item.repository):\(item.tag?.name ?? "")"
                )
            }
            distinct[position].isListed = distinct[position].isListed || item.isListed
            distinct[position].isImmutable = distinct[position].isImmutable || item.isImmutable
        }
        return distinct
    }

    // MARK: What is there

    /// The tags of those target repositories whose lists are worth asking for.
    private func targetTags(of items: [Item]) async throws -> [Repository: Set<String>] {
        let repositories = Array(Set(items.filter(\.isListed).map(\.repository))).sorted()
        let lists = try await repositories.concurrentMap(atMost: limit) { repository -> Set<String>? in
            do {
                return Set(try await registry.repository(repository).tags())
            } catch let error as any StoreError where error.mayMeanAbsence {
                return []
            } catch {
                if error is CancellationError { throw error }
                // Asking for each tag tells what is wrong.
                return nil
            }
        }
        var tags: [Repository: Set<String>] = [:]
        for (repository, list) in zip(repositories, lists) { tags[repository] = list }
        return tags
    }

    /// Whether indexes get other digests on their way.
    private var isFiltering: Bool { !document.artifacts.platforms.isEmpty && !document.artifacts.isSparse }

    private func action(
        for item: Item,
        _ tags: Set<String>?,
        _ state: MirrorState,
        asksTarget: Bool
    ) async throws -> MirrorPlan.Action {
        var action = MirrorPlan.Action(kind: .keep, source: item.source, repository: item.repository, tag: item.tag)
        let target = registry.repository(item.repository)
        let isMissing = item.tag.map { tags?.contains($0.name) == false } ?? false
        if item.isImmutable, asksTarget, !isMissing, let tag = item.tag {
            if tags != nil { return action }
            action.current = try await Self.digest(of: tag, in: target)
            if action.current != nil { return action }
        }
        switch item.source {
        case .digest(let reference): action.digest = reference.digest
        case .tag(let repository, let tag):
            action.digest = try await registry.repository(repository).resolve(tag).digest
        }
        guard let image = action.image, asksTarget, !isMissing else {
            action.kind = .add
            return action
        }
        guard let tag = item.tag else {
            let arriving = try await arriving(image, at: item.repository, state)
            action.current = try await Self.digest(of: .kbldDigestTag(for: arriving), in: target)
            action.kind = action.current == arriving ? .keep : .add
            return action
        }
        if action.current == nil { action.current = try await Self.digest(of: tag, in: target) }
        guard let current = action.current else {
            action.kind = .add
            return action
        }
        guard current != image.digest else { return action }
        if isFiltering, try await arriving(image, at: item.repository, state) == current { return action }
        action.kind = .move
        return action
    }

    /// The digest that an image has where it arrives.
    private func arriving(
        _ image: DigestReference,
        at repository: Repository,
        _ state: MirrorState
    ) async throws -> Digest {
        guard isFiltering else { return image.digest }
        if let known = state.filtered(image.digest, at: repository) { return known }
        let read = try await document.artifacts.read([image], from: { registry.repository($0) }, atMost: 1)
        return read.trees.first?.reference.digest ?? image.digest
    }

    private static func digest(of tag: Tag, in repository: any ImageRepository) async throws -> Digest? {
        do {
            return try await repository.descriptor(of: tag)?.digest
        } catch let error as any StoreError where error.mayMeanAbsence {
            return nil
        }
    }
}
