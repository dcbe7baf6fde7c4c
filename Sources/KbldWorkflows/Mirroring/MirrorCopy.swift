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

    /// Copies the images of `actions`.
    func run(_ actions: [MirrorPlan.Action], progress: TransferProgress?) async throws -> [Failed] {
        var failed: [Failed] = []
        for group in groups(actions) {
            failed += try await isolating(group) { try await copy($0, progress: progress) }
        }
        return failed
    }

    /// Reads the images of `actions`, without what is attached to them.
    func read(
        _ actions: [MirrorPlan.Action],
        progress: TransferProgress?
    ) async throws -> (images: ImagesWithArtifacts, failed: [Failed]) {
        let failed = try await isolating(actions) { actions in
            _ = try await read(images(of: actions), progress: nil)
        }
        let lost = Set(failed.map(\.action))
        return (try await read(images(of: actions.filter { !lost.contains($0) }), progress: progress), failed)
    }

    /// Runs `body` for all of `actions`, or, where that fails, for ever fewer of them: those that fail alone are to blame.
    private func isolating(
        _ actions: [MirrorPlan.Action],
        _ body: ([MirrorPlan.Action]) async throws -> Void
    ) async throws -> [Failed] {
        guard let first = actions.first else { return [] }
        do {
            try await body(actions)
            return []
        } catch {
            if error is CancellationError || Task.isCancelled || !options.keepsGoing { throw error }
            // Tags of one image share its fate.
            let images = Array(actions.compactMap(\.image).uniqued())
            guard images.count > 1 else {
                log("not copied: \(first.source.map(\.description) ?? ""): \(HintedText(describing: error))")
                return actions.compactMap { action in
                    action.source.map { Failed(action: action, failure: MirrorPlan.Failure(of: $0, error)) }
                }
            }
            let half = Set(images.prefix(images.count / 2))
            func isFirst(_ action: MirrorPlan.Action) -> Bool { action.image.map(half.contains) == true }
            return try await isolating(actions.filter(isFirst), body)
                + isolating(actions.filter { !isFirst($0) }, body)
        }
    }

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

    private func copy(_ actions: [MirrorPlan.Action], progress: TransferProgress?) async throws {
        let limit = options.concurrency
        let read = try await read(images(of: actions), progress: progress)
        let gathered = try await document.artifacts.gather(read, in: registry, atMost: limit, log: log)
        let filtered = Dictionary(gathered.platformFilters.map { ($0.index, $0.filtered) }) { first, _ in first }
        var tags: [Repository: [Digest: [Tag]]] = [:]
        var notes: [MirrorLedger.Note] = []
        for action in actions {
            guard let image = action.image else { continue }
            let digest = (filtered[image] ?? image).digest
            // Without a tag an image would be gone at the next collection of garbage.
            let tag = action.tag ?? .kbldDigestTag(for: digest)
            let source = digest == image.digest ? nil : image.digest
            notes.append(.init(tag: tag, repository: action.repository, digest: digest, source: source))
            tags[image.repository, default: [:]][digest, default: []].append(tag)
        }
        let sources = Dictionary(grouping: gathered.trees, by: \.reference.repository)
        let batches = try sources.sorted { $0.key < $1.key }.map { source, trees in
            ImageBatch(
                trees,
                to: registry.repository(try document.destination(of: source)),
                tags: tags[source] ?? [:],
                markingArrival: false
            )
        }
        try await ledger?.add(notes)
        try await ImageRelocation(atMost: limit, progress: progress).copy(batches, from: { registry.repository($0) })
        try await PackageMetadata(gathered).finish(batches, atMost: limit, log: log)
    }
}
