import Algorithms
public import ContainerImage
import FoundationEssentials
public import ImageStore
import ImageTransfer
import LocalFiles
import Packages
import ReferenceChecks
public import RegistryMirroring

/// Repositories with all their tags go into a package in a folder of backups.
public struct BackupWorkflow: Sendable {
    /// What is backed up, and where.
    public struct Options: Sendable {
        /// Repositories; patterns with `*` stand for those of a registry's list.
        public var repositories: [String]
        /// The folder.
        public var folder: String
        /// What has layers that are left out: `last` for the folder's latest backup.
        public var bases: [String] = []
        /// Whether layers that aren't distributable are included.
        public var takesNonDistributable = false
        /// How many transfers are under way at once.
        public var concurrency = 64

        /// Creates options to back repositories up into `folder`.
        public init(_ repositories: [String], to folder: String) {
            self.repositories = repositories
            self.folder = folder
        }
    }

    /// What was backed up.
    public struct Outcome: Sendable {
        /// The package.
        public var path: String
        /// When it was made.
        public var time: BackupTime
        /// The repositories.
        public var repositories: [Repository]
        /// The tags, and what they named.
        public var tags: [TaggedImage]
        /// How many images and artifacts there are, those in indexes not counted.
        public var images: Int
    }

    private let options: Options
    private let context: WorkflowContext
    private let folder: BackupFolder

    /// Creates a workflow.
    public init(_ options: Options, in context: WorkflowContext) {
        self.options = options
        self.context = context
        folder = BackupFolder(path: options.folder)
    }

    /// Backs the repositories up.
    public func run(progress: TransferProgress?) async throws -> Outcome {
        try await context.withRegistries { try await run(in: $0, progress: progress) }
    }

    /// Backs repositories of `registry` up.
    package func run(in registry: any ImageRegistry, progress: TransferProgress?) async throws -> Outcome {
        let limit = options.concurrency
        let repositories = try await repositories(in: registry)
        try folder.create()
        let lock = try? FileLock(folder: folder.path)
        if lock != nil { try folder.removeRemains() }
        // It is added to at the end, which a damaged one would keep from happening.
        let history = try folder.history()
        let bases = try bases()
        let tags = try await tags(of: repositories, in: registry)
        try warnOfEmptied(history, now: tags)
        let images = Array(tags.map(\.image).uniqued())
        context.log(
            "backing up \(Count.text(repositories.count, "repository", plural: "repositories")), "
                + "\(Count.text(tags.count, "tag"))..."
        )
        var artifacts = ArtifactSelection()
        artifacts.takesReferrers = true
        artifacts.takesNonDistributable = options.takesNonDistributable
        let read = try await artifacts.read(images, in: registry, atMost: limit, progress: progress)
        let gathered = try await artifacts.gather(read, in: registry, atMost: limit) { _ in }
        gathered.remarks.forEach(context.log)
        tellOfForeignLayers(in: gathered.trees)
        var metadata = PackageMetadata(gathered)
        let digests = gathered.trees.flatMap(\.all).map(\.manifest.digest)
        let cosign = Set(digests.flatMap(Tag.cosign))
        let names = tags.filter { cosign.contains($0.tag) }
        metadata.names = names.isEmpty ? nil : names
        // The others that stand for digests nobody gives but who restores.
        metadata.backup = PackageMetadata.Backup(
            scope: try options.repositories.map(Self.scope),
            tags: tags.filter { $0.tag.standsForDigest && !cosign.contains($0.tag) }
        )
        let own = tags.filter { !$0.tag.standsForDigest }
        metadata.tags = own.isEmpty ? nil : own
        var absent = try await DeltaBase.layers(
            of: gathered.trees,
            heldBy: bases,
            in: registry,
            atMost: limit,
            context
        )
        if options.bases == ["last"] { absent = try await absent?.intersection(layersInFolder()) }
        let plan = try ArchivePlan(gathered.trees, metadata: metadata, omitting: absent)
        if absent != nil { context.log(DeltaBase.summary(of: plan)) }
        let time = BackupTime(seconds: Int64(Date().timeIntervalSince1970))
        let path = folder.newFile(time, isAlone: lock != nil)
        // The next run has another name: nothing could be gone on with.
        let writer = ArchiveWriter(path: path, resumes: false)
        try writer.check()
        try await writer.write(plan, from: { registry.repository($0) }, atMost: limit, progress: progress)
        try folder.note(tags, at: time)
        withExtendedLifetime(lock) {}
        return Outcome(path: path, time: time, repositories: repositories, tags: tags, images: gathered.trees.count)
    }

    /// Says how many layers are left out because registries needn't have them.
    private func tellOfForeignLayers(in trees: [ImageTree]) {
        let layers = trees.flatMap(\.images).flatMap {
            Set($0.parsed.layers.map(\.digest)).subtracting($0.packagedLayers.map(\.digest))
        }
        guard !layers.isEmpty else { return }
        context.log(
            "without \(Count.text(Set(layers).count, "non-distributable layer")), which a restored image needs from where "
                + "its manifest says\(hint: .includeForeignLayers, after: "; ")"
        )
    }

    /// The layers that the folder's backups have themselves: what one before them had may be gone.
    private func layersInFolder() async throws -> Set<Digest> {
        var held: Set<Digest> = []
        for file in try folder.files() {
            do {
                held.formUnion(try await BackupFolder.open(file.path).heldLayers.map(\.digest))
            } catch {
                if error is CancellationError || Task.isCancelled { throw error }
                context.log(
                    "going without what '\(file.path)' has, which can't be read: \(HintedText(describing: error))"
                )
            }
        }
        return held
    }

    private func bases() throws -> [String] {
        try options.bases.flatMap { base -> [String] in
            guard base == "last" else { return [base] }
            // The first backup is whole.
            return try folder.files().last.map { [$0.path] } ?? []
        }
    }

    /// A repository, or a pattern of such, in full.
    private static func scope(_ text: String) throws -> String {
        guard text.contains("*") else { return try Repository(text).description }
        guard let slash = text.firstIndex(of: "/"), let host = try? RegistryHost(text[..<slash]) else {
            throw BackupError.nothing(text)
        }
        return "\(host)\(text[slash...])"
    }

    private func repositories(in registry: any ImageRegistry) async throws -> [Repository] {
        var found: [Repository] = []
        for text in options.repositories {
            guard text.contains("*") else {
                found.append(try Repository(text))
                continue
            }
            let pattern = NamePattern(try Self.scope(text))
            guard let slash = pattern.text.firstIndex(of: "/") else { throw BackupError.nothing(text) }
            let host = try RegistryHost(pattern.text[..<slash])
            let all: [Repository]
            do {
                all = try await registry.repositories(in: host)
            } catch let error as any StoreError where error.mayMeanAbsence {
                throw CatalogError(pattern: text, cause: error)
            }
            let matching = all.filter { pattern.matches($0.description) }
            guard !matching.isEmpty else { throw BackupError.nothing(text) }
            found += matching
        }
        return Array(found.uniqued()).sorted()
    }

    private func tags(of repositories: [Repository], in registry: any ImageRegistry) async throws -> [TaggedImage] {
        let lists = try await repositories.concurrentMap(atMost: options.concurrency) { repository in
            try await registry.repository(repository).tags().compactMap { try? Tag($0) }.map { (repository, $0) }
        }
        let found = try await lists.flatMap(\.self).concurrentMap(atMost: options.concurrency) {
            repository,
            tag -> (repository: Repository, tag: Tag, digest: Digest?) in
            (repository, tag, try await registry.repository(repository).descriptor(of: tag)?.digest)
        }
        let unanswered = Dictionary(grouping: found.filter { $0.digest == nil }, by: \.repository)
        let lost = try await unanswered.sorted { $0.key < $1.key }.concurrentMap(atMost: options.concurrency) {
            try await listed($0.value.map(\.tag), in: registry.repository($0.key), called: $0.key)
        }
        guard lost.allSatisfy(\.isEmpty) else { throw BackupError.tagsUnreadable(lost.flatMap(\.self)) }
        return found.compactMap { entry in
            entry.digest.map {
                TaggedImage(tag: entry.tag, image: DigestReference(repository: entry.repository, digest: $0))
            }
        }
        .sorted { ($0.image.repository, $0.tag.name) < ($1.image.repository, $1.tag.name) }
    }

    /// Those of `tags`, in full, that a repository still lists though it doesn't have them; the others were deleted
    /// meanwhile.
    private func listed(
        _ tags: [Tag],
        in repository: any ImageRepository,
        called name: Repository
    ) async throws -> [String] {
        let listed = Set(try await repository.tags())
        var lost: [String] = []
        for tag in tags.sorted(by: { $0.name < $1.name }) {
            if listed.contains(tag.name) {
                lost.append("\(name):\(tag)")
            } else {
                context.warning("\(name):\(tag) was deleted meanwhile and isn't backed up")
            }
        }
        return lost
    }

    /// Says which repositories earlier backups had tags of, and this one has none.
    private func warnOfEmptied(_ history: BackupHistory, now tags: [TaggedImage]) throws {
        let patterns = try options.repositories.map { NamePattern(try Self.scope($0)) }
        let present = Set(tags.map(\.image.repository.description))
        let former = Dictionary(grouping: history.tags.filter { !present.contains($0.repository) }, by: \.repository)
        for (name, entries) in former.sorted(by: { $0.key < $1.key }) {
            guard patterns.contains(where: { $0.matches(name) }), let last = entries.map(\.last).max() else { continue }
            context.warning("\(name) has no tags now; it had some in the backup of \(last)")
        }
    }
}
