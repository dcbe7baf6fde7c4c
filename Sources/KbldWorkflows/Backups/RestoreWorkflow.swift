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
        /// The backups, the latest first.
        public var paths: [String]
        /// The tags where they went, and what they name.
        public var tags: [TaggedImage] = []
        /// The tags that stay as they are, naming something else.
        public var skipped: [TaggedImage] = []
        /// How many images and artifacts there are.
        public var images = 0
    }

    private struct Plan {
        var sources: [Repository: BackupSource] = [:]
        var batches: [(metadata: PackageMetadata, batch: ImageBatch)] = []
        /// Lists of referrers that are added to those that are there, and the repositories of these.
        var lists: [(repository: Repository, subject: Digest, referrers: [Descriptor])] = []
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
    /// - Throws: `BackupError`, among them `.taken` before anything is written, and `.notRestored` when all else is
    ///   restored.
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
        let (sources, limit) = (plan.sources, options.concurrency)
        context.log(
            "restoring \(Count.text(plan.outcome.images, "image")) of \(Count.first(plan.outcome.paths))..."
        )
        let check: ImageRelocation.Check = { layer, repository in
            guard let source = sources[repository] else {
                throw BackupError.layersMissing(options.folder, [layer.digest], unreadable: [])
            }
            return try await source.check(of: layer)
        }
        let source: @Sendable (Repository) -> any ImageSource = { name in
            if let source = sources[name] { return source }
            return registry.repository(name)
        }
        let relocation = ImageRelocation(atMost: limit, progress: progress, checking: check)
        let copied = try await RestoreCopy(log: context.log) { try await relocation.copy($0, from: source) }
            .run(plan.batches.map { $0.batch })
        for ((metadata, _), batch) in zip(plan.batches, copied.batches) {
            var metadata = metadata
            // They have their tags already, or don't get them.
            metadata.names = nil
            try await metadata.finish([batch], atMost: limit, log: context.log)
        }
        let arrived = Dictionary(grouping: copied.batches, by: \.repository)
            .mapValues { Set($0.flatMap(\.trees).flatMap(\.all).map(\.manifest.digest)) }
        for var list in plan.lists {
            list.referrers.removeAll { arrived[list.repository]?.contains($0.digest) != true }
            guard !list.referrers.isEmpty else { continue }
            let remark = try await registry.repository(list.repository)
                .registerReferrers(list.referrers, for: list.subject)
            if remark == nil {
                let count = Count.text(list.referrers.count, "referrer")
                context.log("\(list.repository)@\(list.subject): its list of referrers has the backup's \(count)")
            }
            if let remark { context.log(HintedText("the referrers of \(list.repository)@\(list.subject): \(remark)")) }
        }
        guard copied.failed.isEmpty else {
            throw BackupError.notRestored(copied.failed.map(\.description), of: plan.outcome.images)
        }
        return plan.outcome
    }

    /// The tags that images had; what had none and belongs to nothing gets one, so that registries keep it.
    private static func names(in part: BackupSelection.Part, _ folder: BackupFolder) throws -> [TaggedImage] {
        let roots = Set(part.trees.map(\.reference))
        let metadata = part.source.package.metadata
        var names = (metadata.tags ?? []) + (metadata.names ?? [])
        if let backup = metadata.backup {
            names += backup.tags ?? []
        } else {
            names += try folder.history().tags(at: part.file.time).filter(\.tag.standsForDigest)
        }
        names.removeAll { !roots.contains($0.image) }
        let named = Set(names.map(\.image))
        for tree in part.trees where !named.contains(tree.reference) && tree.manifest.referrerDescriptor == nil {
            names.append(TaggedImage(tag: .kbldDigestTag(for: tree.reference.digest), image: tree.reference))
        }
        return Array(names.uniqued())
    }

    private func plan(in registry: any ImageRegistry) async throws -> Plan {
        let folder = BackupFolder(path: options.folder)
        let selection = try await BackupSelection(folder, at: options.time, log: context.log)
        var plan = Plan(outcome: Outcome(paths: selection.parts.map(\.file.path)))
        plan.outcome.images = Set(selection.parts.flatMap(\.trees).map(\.reference)).count
        let names = try selection.parts.flatMap { try Self.names(in: $0, folder) }
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
        let others = zip(zip(names, wanted), current).filter { $1 != nil && $1 != $0.1.image.digest }.map(\.0)
        // What the registry lists by now stays listed.
        let lists = others.filter { $0.1.tag.referrersSubject != nil }
        let taken = others.map(\.1).filter { $0.tag.referrersSubject == nil }
        if options.policy == .fail, !taken.isEmpty {
            throw BackupError.taken(taken.map { "\($0.image.repository):\($0.tag)" })
        }
        plan.outcome.skipped = options.policy == .skip ? taken : []
        let left = Set(plan.outcome.skipped).union(lists.map(\.1))
        plan.outcome.tags = wanted.filter { !left.contains($0) }
        var tags: [Repository: [Digest: [Tag]]] = [:]
        for name in plan.outcome.tags {
            tags[name.image.repository, default: [:]][name.image.digest, default: []].append(name.tag)
        }
        for part in selection.parts {
            for (name, trees) in Dictionary(grouping: part.trees, by: \.reference.repository).sorted(by: {
                $0.key < $1.key
            }) {
                let repository = try options.map.destination(of: name)
                plan.sources[name] = part.source
                let batch = ImageBatch(
                    trees,
                    to: registry.repository(repository),
                    tags: tags[repository] ?? [:],
                    markingArrival: false
                )
                plan.batches.append((part.source.package.metadata, batch))
                let digests = Set(trees.flatMap(\.all).map(\.manifest.digest))
                for (old, new) in lists where old.image.repository == name {
                    guard let subject = old.tag.referrersSubject else { continue }
                    guard case .index(let index) = try await part.source.manifest(old.image.digest).parsed() else {
                        context.log(
                            "\(new.image.repository):\(new.tag) stays: in the backup it is no list of referrers"
                        )
                        continue
                    }
                    plan.lists.append(
                        (new.image.repository, subject, index.manifests.filter { digests.contains($0.digest) })
                    )
                }
            }
        }
        return plan
    }
}

extension Tag {
    /// The manifest whose referrers the tag lists where a registry has no list of its own; nil for other tags. The digits
    /// of a longer digest aren't all in it.
    fileprivate var referrersSubject: Digest? {
        guard name.hasPrefix("sha256-"), let digest = try? Digest("sha256:\(name.dropFirst("sha256-".count))") else {
            return nil
        }
        return digest
    }
}
