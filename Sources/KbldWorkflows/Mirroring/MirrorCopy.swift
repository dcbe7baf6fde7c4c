import Algorithms
import ContainerImage
import ImageStore
import ImageTransfer
import Packages
import RegistryMirroring

/// Copies what a plan says. What fails doesn't keep the others from arriving.
struct MirrorCopy: Sendable {
    /// An action that failed.
    struct Failed: Sendable {
        var action: MirrorPlan.Action
        var failure: MirrorPlan.Failure
    }

    private let document: MirrorDocument
    private let registry: any ImageRegistry
    private let options: MirroringWorkflow.Options
    private let ledger: MirrorLedger?
    private let log: LogSink

    init(
        _ document: MirrorDocument,
        in registry: any ImageRegistry,
        _ options: MirroringWorkflow.Options,
        noting ledger: MirrorLedger?,
        log: @escaping LogSink
    ) {
        self.document = document
        self.registry = registry
        self.options = options
        self.ledger = ledger
        self.log = log
    }

    /// How many images are read and copied together: their manifests are in memory.
    private static let width = 64

    /// Copies the images of `actions`, and sets their tags unless this is a shard.
    func run(_ actions: [MirrorPlan.Action], progress: TransferProgress?) async throws -> [Failed] {
        // At once: what is noted grows with the target.
        if document.artifacts.platforms.isEmpty {
            try await ledger?.add(actions.compactMap { $0.image == nil ? nil : note($0, as: $0.image?.digest) })
        }
        // A registry that asks to be waited for holds up none of the others.
        let rest = try await untagged(actions)
        let lanes = Dictionary(grouping: rest) { $0.source?.repository.registry.name ?? "" }.sorted { $0.key < $1.key }
        let failures = try await lanes.concurrentMap(atMost: lanes.count) { _, actions in
            let share = max(1, options.concurrency * actions.count / rest.count)
            return try await run(actions, atMost: share, progress: progress)
        }
        return failures.flatMap(\.self)
    }

    /// Copies the images of one registry, group by group.
    private func run(
        _ actions: [MirrorPlan.Action],
        atMost limit: Int,
        progress: TransferProgress?
    ) async throws -> [Failed] {
        var (isolation, failed) = (isolation, [Failed]())
        for group in groups(actions) {
            failed += try await isolating(group, &isolation) { try await copy($0, atMost: limit, progress: progress) }
        }
        return failed
    }

    /// The actions whose images are in `shard`, and those whose manifests can't be read.
    func part(
        _ actions: [MirrorPlan.Action],
        of shard: Shard,
        progress: TransferProgress?
    ) async throws -> (own: [MirrorPlan.Action], failed: [Failed]) {
        let images = images(of: actions)
        progress?.enter(.read, items: images.count)
        let contents = try await images.concurrentMap(atMost: options.concurrency) { image in
            let item = progress?.begin(image.repository.path)
            defer { item?.finish() }
            do {
                let survey = try await ManifestSurvey(of: [image], from: { registry.repository($0) }, atMost: 1)
                return Result<[Digest: Int64], any Error>.success(survey.contents(of: image))
            } catch {
                if error is CancellationError || !options.keepsGoing { throw error }
                return .failure(error)
            }
        }
        var sizes: [DigestReference: [Digest: Int64]] = [:]
        var errors: [DigestReference: any Error] = [:]
        for (image, result) in zip(images, contents) {
            switch result {
            case .success(let found): sizes[image] = found
            case .failure(let error): errors[image] = error
            }
        }
        let own = Set(
            shard.own(
                of: images.filter { sizes[$0] != nil },
                digest: \.digest,
                contents: { sizes[$0] ?? [:] },
                log: log
            )
        )
        let failed = actions.compactMap { action -> Failed? in
            guard let image = action.image, let source = action.source, let error = errors[image] else { return nil }
            return Failed(action: action, failure: MirrorPlan.Failure(of: source, error))
        }
        return (actions.filter { $0.image.map(own.contains) == true }, failed)
    }

    /// Sets the tags of images that are there, where that is enough.
    ///
    /// - Returns: The actions whose images are to be copied.
    private func untagged(_ actions: [MirrorPlan.Action]) async throws -> [MirrorPlan.Action] {
        guard !options.rechecks, options.shard == nil, document.artifacts.takesNothingElse else { return actions }
        let isDone = try await actions.concurrentMap(atMost: options.concurrency) { action in
            guard let digest = action.image?.digest else { return false }
            let target = registry.repository(action.repository)
            do {
                guard try await target.contains(manifest: digest) == true else { return false }
                try await target.tag(digest, as: [action.tag ?? .kbldDigestTag(for: digest)])
                return true
            } catch {
                if error is CancellationError || Task.isCancelled || !options.keepsGoing { throw error }
                // It is copied like those that aren't there, which tells what is wrong with it alone.
                return false
            }
        }
        return zip(actions, isDone).filter { !$1 }.map(\.0)
    }

    private func note(_ action: MirrorPlan.Action, as digest: Digest?, of source: Digest? = nil) -> MirrorLedger.Note? {
        guard let digest else { return nil }
        // Without a tag an image would be gone at the next collection of garbage.
        let tag = action.tag ?? .kbldDigestTag(for: digest)
        return MirrorLedger.Note(tag: tag, repository: action.repository, digest: digest, source: source)
    }

    /// Reads the images of `actions`, without what is attached to them.
    func read(
        _ actions: [MirrorPlan.Action],
        progress: TransferProgress?
    ) async throws -> (images: ImagesWithArtifacts, failed: [Failed]) {
        var isolation = isolation
        let failed = try await isolating(actions, &isolation) { actions in
            _ = try await read(images(of: actions), progress: nil)
        }
        let lost = Set(failed.map(\.action))
        return (try await read(images(of: actions.filter { !lost.contains($0) }), progress: progress), failed)
    }

    /// Runs `body` for all of `actions`, or for those that don't fail. Tags of one image share its fate.
    private func isolating(
        _ actions: [MirrorPlan.Action],
        _ isolation: inout FaultIsolation<DigestReference>,
        _ body: ([MirrorPlan.Action]) async throws -> Void
    ) async throws -> [Failed] {
        let failures = try await isolation.run(images(of: actions), until: { _ in !options.keepsGoing }) { images in
            let images = Set(images)
            try await body(actions.filter { $0.image.map(images.contains) == true })
        }
        return failures.flatMap { failure -> [Failed] in
            let actions = actions.filter { $0.image == failure.unit }
            if let source = actions.first?.source {
                let reason = failure.isTried ? "" : "not tried, as others of its registry couldn't be reached: "
                log("not copied: \(source): \(reason)\(HintedText(describing: failure.error))")
            }
            return actions.compactMap { action in
                action.source.map { Failed(action: action, failure: MirrorPlan.Failure(of: $0, failure.error)) }
            }
        }
    }

    private var isolation: FaultIsolation<DigestReference> { FaultIsolation { $0.repository.registry } }

    /// The actions in groups of some images, all tags of an image in the same one.
    private func groups(_ actions: [MirrorPlan.Action]) -> [[MirrorPlan.Action]] {
        let byImage = Dictionary(grouping: actions.filter { $0.image != nil }, by: \.image)
        let images = actions.compactMap(\.image).uniqued()
        return Array(images).chunks(ofCount: Self.width).map { $0.flatMap { byImage[$0] ?? [] } }
    }

    private func images(of actions: [MirrorPlan.Action]) -> [DigestReference] {
        Array(actions.compactMap(\.image).uniqued())
    }

    private func read(_ images: [DigestReference], progress: TransferProgress?) async throws -> ImagesWithArtifacts {
        try await document.artifacts.read(images, in: registry, atMost: options.concurrency, progress: progress)
    }

    private func copy(_ actions: [MirrorPlan.Action], atMost limit: Int, progress: TransferProgress?) async throws {
        let read = try await read(images(of: actions), progress: progress)
        let gathered = try await document.artifacts.gather(read, in: registry, atMost: limit, log: log)
        let filtered = Dictionary(gathered.platformFilters.map { ($0.index, $0.filtered) }) { first, _ in first }
        var tags: [Repository: [Digest: [Tag]]] = [:]
        var notes: [MirrorLedger.Note] = []
        for action in actions {
            guard let image = action.image else { continue }
            let digest = (filtered[image] ?? image).digest
            guard let note = note(action, as: digest, of: digest == image.digest ? nil : image.digest) else { continue }
            notes.append(note)
            tags[image.repository, default: [:]][digest, default: []].append(note.tag)
        }
        if options.shard != nil { tags = [:] }
        // What has its tag is never asked for again, so that what is attached to it must be there by then.
        let tagsLater = gathered.artifacts.isEmpty ? [:] : tags
        if !tagsLater.isEmpty { tags = [:] }
        let sources = Dictionary(grouping: gathered.trees, by: \.reference.repository)
        let batches = try sources.sorted { $0.key < $1.key }.map { source, trees in
            ImageBatch(
                trees,
                to: registry.repository(try document.destination(of: source)),
                tags: tags[source] ?? [:],
                markingArrival: false
            )
        }
        if !document.artifacts.platforms.isEmpty { try await ledger?.add(notes) }
        try await ImageRelocation(atMost: limit, progress: progress, rechecking: options.rechecks)
            .copy(batches, from: { registry.repository($0) })
        try await PackageMetadata(gathered).finish(batches, atMost: limit, log: log)
        try await setTags(tagsLater, of: gathered.trees, atMost: limit)
    }

    /// Sets tags of images that are there.
    private func setTags(
        _ tags: [Repository: [Digest: [Tag]]],
        of trees: [ImageTree],
        atMost limit: Int
    ) async throws {
        let named = trees.flatMap { tree -> [(tree: ImageTree, tag: Tag)] in
            let reference = tree.reference
            return (tags[reference.repository]?[reference.digest] ?? []).map { (tree, $0) }
        }
        try await named.uniqued { "\($0.tree.reference) \($0.tag)" }.concurrentForEach(atMost: limit) {
            let repository = try document.destination(of: $0.tree.reference.repository)
            try await registry.repository(repository).push($0.tree.manifest, tag: $0.tag)
        }
    }
}
