import Algorithms
public import ContainerImage
import FoundationEssentials
public import ImageStore
import ImageTransfer
import Packages
public import RegistryMirroring

/// Repositories come back from a folder of backups, with their tags.
public struct RestoreWorkflow: Sendable {
    /// What happens to tags that name something else.
    public enum TagPolicy: String, Sendable, CaseIterable {
        /// They stay.
        case skip
        /// They name what the backup has.
        case move
        /// Nothing is restored.
        case fail
    }

    /// What is restored, and where.
    public struct Options: Sendable {
        /// The folder.
        public var folder: String
        /// Where it goes.
        public var map: RestoreMap
        /// The time whose state is restored; nil for that of the latest backup.
        public var time: BackupTime?
        /// What happens to tags that name something else.
        public var policy = TagPolicy.fail
        /// How many transfers are under way at once.
        public var concurrency = 64

        /// Creates options.
        public init(_ folder: String, to map: RestoreMap) {
            self.folder = folder
            self.map = map
        }
    }

    /// What came back, or would.
    public struct Outcome: Sendable {
        /// The backup.
        public var path: String
        /// The tags where they went, and what they name.
        public var tags: [TaggedImage] = []
        /// The tags that stay as they are, naming something else.
        public var skipped: [TaggedImage] = []
        /// How many images and artifacts there are.
        public var images = 0
    }

    private struct Plan {
        var source: BackupSource
        var batches: [ImageBatch]
        var outcome: Outcome
    }

    private let options: Options
    private let context: WorkflowContext

    /// Creates a workflow.
    public init(_ options: Options, in context: WorkflowContext) {
        self.options = options
        self.context = context
    }

    /// Restores.
    ///
    /// - Throws: `BackupError`, among them `.taken` before anything is written.
    public func run(progress: TransferProgress?) async throws -> Outcome {
        try await context.withRegistries { try await run(in: $0, progress: progress) }
    }

    /// Tells what would be restored; nothing is written.
    public func plan() async throws -> Outcome {
        try await context.withRegistries { try await plan(in: $0).outcome }
    }

    /// Restores into `registry`.
    package func run(in registry: any ImageRegistry, progress: TransferProgress?) async throws -> Outcome {
        let plan = try await plan(in: registry)
        let (source, limit) = (plan.source, options.concurrency)
        context.log("restoring \(Count.text(plan.outcome.images, "image")) of \(plan.outcome.path)...")
        try await ImageRelocation(atMost: limit, progress: progress, checking: { try await source.check(of: $0) })
            .copy(plan.batches, from: { _ in source })
        try await source.package.metadata.finish(plan.batches, atMost: limit, log: context.log)
        return plan.outcome
    }

    /// The tags that images had; what had none and belongs to nothing gets one, so that registries keep it.
    private static func names(in package: AnyPackage, at time: BackupTime, _ folder: BackupFolder) throws
        -> [TaggedImage]
    {
        let roots = Set(package.trees.map(\.reference))
        var names = (package.metadata.tags ?? []) + (package.metadata.names ?? [])
        names += try folder.history().tags(at: time).filter { $0.tag.standsForDigest && roots.contains($0.image) }
        let named = Set(names.map(\.image))
        for tree in package.trees where !named.contains(tree.reference) && tree.manifest.referrerDescriptor == nil {
            names.append(TaggedImage(tag: .kbldDigestTag(for: tree.reference.digest), image: tree.reference))
        }
        return Array(names.uniqued())
    }

    private func plan(in registry: any ImageRegistry) async throws -> Plan {
        let folder = BackupFolder(path: options.folder)
        let files = try folder.files()
        let chosen = files.last { file in options.time.map { file.time <= $0 } ?? true }
        guard let chosen else { throw BackupError.empty(options.folder, before: options.time?.text) }
        let source = try await BackupSource(chosen.path, among: files.reversed().map(\.path))
        let package = source.package
        guard package.archive != nil else { throw BackupError.format(chosen.path) }
        var outcome = Outcome(path: chosen.path)
        outcome.images = Set(package.trees.map(\.reference)).count
        let names = try Self.names(in: package, at: chosen.time, folder)
        let wanted = try names.map { name in
            TaggedImage(
                tag: name.tag,
                image: DigestReference(
                    repository: try options.map.destination(of: name.image.repository),
                    digest: name.image.digest
                )
            )
        }
        let same = Dictionary(grouping: Set(wanted)) { "\($0.image.repository):\($0.tag)" }.filter {
            $0.value.count > 1
        }
        guard same.isEmpty else { throw BackupError.ambiguous(same.keys.sorted()) }
        let current = try await wanted.concurrentMap(atMost: options.concurrency) { name -> Digest? in
            do {
                return try await registry.repository(name.image.repository).descriptor(of: name.tag)?.digest
            } catch let error as any StoreError where error.mayMeanAbsence {
                return nil
            }
        }
        let taken = zip(wanted, current).filter { name, digest in digest != nil && digest != name.image.digest }.map(
            \.0
        )
        if options.policy == .fail, !taken.isEmpty {
            throw BackupError.taken(taken.map { "\($0.image.repository):\($0.tag)" })
        }
        outcome.skipped = options.policy == .skip ? taken : []
        let skipped = Set(outcome.skipped)
        outcome.tags = wanted.filter { !skipped.contains($0) }
        var tags: [Repository: [Digest: [Tag]]] = [:]
        for name in outcome.tags {
            tags[name.image.repository, default: [:]][name.image.digest, default: []].append(name.tag)
        }
        let sources = Dictionary(grouping: package.trees, by: \.reference.repository)
        let batches = try sources.sorted { $0.key < $1.key }.map { name, trees in
            let repository = try options.map.destination(of: name)
            return ImageBatch(
                trees,
                to: registry.repository(repository),
                tags: tags[repository] ?? [:],
                markingArrival: false
            )
        }
        return Plan(source: source, batches: batches, outcome: outcome)
    }
}
