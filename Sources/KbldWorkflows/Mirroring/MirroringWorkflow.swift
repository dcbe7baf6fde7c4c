import ContainerImage
import DocumentInput
import FoundationEssentials
public import ImageStore
import ImageTransfer
import KbldConfiguration
import LocalFiles
import Packages
import RegistryClient
public import RegistryMirroring
import Resolution
import SystemPackage

/// A registry gets what a document of the kind `Mirror` says, or a package does.
public struct MirroringWorkflow: Sendable {
    /// What is mirrored, and how.
    public struct Options: Sendable {
        /// The file with the document; `-` for standard input.
        public var file: String
        /// A file in which runs note what they have seen; nil for none.
        public var memory: String?
        /// A file for a document of what failed; nil for none.
        public var failed: String?
        /// Whether others go on where an image or a repository fails.
        public var keepsGoing = true
        /// Whether tags that are there already count as the mirror's own.
        public var adopts = false
        /// The part of the images that is copied, without tags; nil for all.
        public var shard: Shard?
        /// Whether images that are there are asked for their parts. Where they aren't, and nothing comes with them, their
        /// sources aren't asked for anything.
        public var rechecks = true
        /// How many transfers are under way at once.
        public var concurrency = 64

        /// Creates options to do what the document in `file` says.
        public init(file: String) { self.file = file }
    }

    /// A package that takes the place of the target.
    public struct PackageOutput: Sendable {
        /// Where it goes.
        public var path: String
        /// Its format; nil for a layout in a folder, and kbld's tarball elsewhere.
        public var format: PackageOutputFormat?
        /// What has layers that are left out.
        public var bases: [String] = []

        /// Creates a package at `path`.
        public init(path: String) { self.path = path }
    }

    /// What the document says.
    public let document: MirrorDocument
    let options: Options
    let context: WorkflowContext

    /// Reads the document.
    ///
    /// - Throws: `InputFileError`, `YAMLError`, `MirrorDocumentError`; `TextFileError` for a file that can't be written.
    public init(_ options: Options, in context: WorkflowContext) throws {
        self.options = options
        let document = try MirrorDocument(
            reading: try InputFile.bytes(of: options.file),
            file: options.file == "-" ? "stdin" : options.file
        )
        self.document = document
        var context = context
        context.registryOptions.take(document)
        // An image that isn't found would be missing from the target, and be deleted there.
        context.documentOptions.requiresRendering = true
        self.context = context
        try TextFile.check(options.failed)
        try TextFile.check(options.memory)
    }

    /// Finds out what a run would do, and what could be pruned.
    ///
    /// - Throws: `MirrorCollisionError`, `MirrorStateError`; what single images give cause for is in the plan.
    public func plan() async throws -> MirrorPlan { try await context.withRegistries { try await plan(in: $0) } }

    /// Finds out what a run would do with what is in `registry`.
    package func plan(in registry: any ImageRegistry) async throws -> MirrorPlan {
        var plan = try await planner(in: registry).plan()
        if let shard = options.shard { return try await part(of: plan, shard, in: registry, progress: nil).plan }
        guard !plan.selection.isIncomplete else { return plan }
        let store = try MirrorStateStore(document, in: registry)
        let state = try await store.read()
        // Nothing goes of a mirror that has nothing, whose target may be yet to come.
        let others = state.isEmpty ? [:] : try await store.others()
        let prunes = try await PrunePlanner(document, in: registry, atMost: options.concurrency)
            .plan(plan.selection, state, beside: others, now: Int64(Date().timeIntervalSince1970))
        for entry in prunes.tags {
            plan.actions.append(
                MirrorPlan.Action(
                    kind: .prune,
                    repository: try Repository(entry.repository),
                    tag: try Tag(entry.tag),
                    current: entry.digest
                )
            )
        }
        plan.notes += prunes.notes
        return plan
    }

    /// Copies what the target lacks.
    ///
    /// - Returns: What was done, with what failed.
    /// - Throws: `MirrorCollisionError`, `MirrorStateError`; the first failure of an image where none may be.
    public func run(progress: TransferProgress?) async throws -> MirrorPlan {
        try await context.withRegistries { try await run(in: $0, progress: progress) }
    }

    /// Copies what the target in `registry` lacks.
    package func run(in registry: any ImageRegistry, progress: TransferProgress?) async throws -> MirrorPlan {
        var plan = try await planner(in: registry).plan()
        plan.notes.forEach { context.log(HintedText($0)) }
        if !options.keepsGoing, let failure = plan.failures.first { throw failure.error }
        if let shard = options.shard { return try await run(plan, shard, in: registry, progress: progress) }
        tell(plan)
        let ledger = MirrorLedger(store: try MirrorStateStore(document, in: registry))
        if options.adopts {
            try await ledger.add(try await adopted(plan.actions, in: registry))
        } else {
            try await ledger.claim(plan.actions)
        }
        let copy = MirrorCopy(document, in: registry, options, noting: ledger, log: context.log)
        let failures = try await copy.run(plan.copies, progress: progress)
        try await ledger.confirm()
        plan.failures += failures.map(\.failure)
        let failed = Set(failures.map(\.action))
        plan.actions.removeAll(where: failed.contains)
        try remember(plan.dates, dropsOthers: plan.failures.isEmpty)
        try writeRest(of: plan)
        return plan
    }

    /// The tags that are there already. What those name that never move wasn't asked for.
    private func adopted(
        _ actions: [MirrorPlan.Action],
        in registry: any ImageRegistry
    ) async throws -> [MirrorLedger.Note] {
        let kept = actions.filter { $0.kind == .keep && $0.tag != nil }
        return try await kept.concurrentMap(atMost: options.concurrency) { action in
            if let note = MirrorLedger.Note(kept: action) { return note }
            guard let tag = action.tag else { return nil }
            let named = try await registry.repository(action.repository).descriptor(of: tag)
            return named.map { MirrorLedger.Note(tag: tag, repository: action.repository, digest: $0.digest) }
        }
        .compactMap(\.self)
    }

    private func tell(_ plan: MirrorPlan) {
        context.log(
            "\(plan.count(of: .add)) to add, \(plan.count(of: .move)) to move, \(plan.count(of: .keep)) to keep"
        )
        for action in plan.copies {
            context.log("will copy \(action.source.map(\.description) ?? "") to \(action.target)")
        }
    }

    // MARK: Files

    func planner(in registry: any ImageRegistry, without gone: Set<Repository> = []) throws -> MirrorPlanner {
        MirrorPlanner(
            document,
            in: registry,
            atMost: options.concurrency,
            known: try memory(),
            gone: gone,
            references: { try await references(in: $0) }
        )
    }

    /// The images that documents and charts name, whose paths are relative to the file that names them.
    private func references(in names: [String]) async throws -> [ImageReference] {
        let documents = try await context.documents(in: names.map(MirrorFolder(of: options.file).path(of:)))
        let update = ReferenceUpdate(documents.configuration)
        let texts = Set(update.references(in: documents.resources)).sorted()
        var references: [ImageReference] = []
        for text in texts {
            references.append(try ImageReference(documents.configuration.override(for: text)?.newImage ?? text))
        }
        for override in documents.configuration.overrides where override.preresolved {
            references.append(try ImageReference(override.newImage))
        }
        return references
    }

    private func memory() throws -> MirrorMemory? {
        guard let path = options.memory else { return nil }
        guard FileManager.default.fileExists(atPath: path) else { return MirrorMemory() }
        let bytes = try InputFile.bytes(of: path)
        // What can't be read is as good as nothing: it is never needed.
        let memory = try? JSONDecoder().decode(MirrorMemory.self, from: Data(bytes))
        return memory.flatMap { $0.isCurrent ? $0 : nil } ?? MirrorMemory()
    }

    private func remember(_ dates: [Digest: Int64], dropsOthers: Bool) throws {
        guard let path = options.memory else { return }
        let former = try memory() ?? MirrorMemory()
        // Those of images that no tag names any more are of no use.
        var memory = dropsOthers ? MirrorMemory() : former
        memory.note(dates)
        guard memory != former else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try TextFile.write(String(decoding: try encoder.encode(memory), as: UTF8.self) + "\n", to: path)
    }

    /// Writes what failed as a document that asks for it again; nothing failed, nothing is left of an earlier one.
    private func writeRest(of plan: MirrorPlan) throws {
        guard let path = options.failed else { return }
        guard !plan.failures.isEmpty else {
            if FileManager.default.fileExists(atPath: path) { try TextFile.write("", to: path) }
            return
        }
        let rest = MirrorRest(plan.failures, from: MirrorFolder(of: options.file), to: MirrorFolder(of: path))
        try TextFile.write(document.text(with: rest.entries), to: path)
    }
}

extension MirroringWorkflow {
    /// Writes all that the document names into a package; the target isn't asked.
    public func package(
        _ output: PackageOutput,
        progress: TransferProgress?
    ) async throws -> MirrorPlan {
        try await context.withRegistries { try await package(output, in: $0, progress: progress) }
    }

    /// Writes all that the document names, of what is in `registry`, into a package.
    package func package(
        _ output: PackageOutput,
        in registry: any ImageRegistry,
        progress: TransferProgress?
    ) async throws -> MirrorPlan {
        let format = output.format ?? (PackageLayout.isFolder(output.path, in: .oci) ? .oci : .kbld)
        let writer = ArchiveWriter(path: output.path)
        if !PackageLayout.isFolder(output.path, in: format) { try writer.check() }
        var plan = try await planner(in: registry).plan(asksTarget: false)
        plan.notes.forEach { context.log(HintedText($0)) }
        if !options.keepsGoing, let failure = plan.failures.first { throw failure.error }
        let copy = MirrorCopy(document, in: registry, options, noting: nil, log: context.log)
        let (read, failures) = try await copy.read(plan.copies, progress: progress)
        plan.failures += failures.map(\.failure)
        let failed = Set(failures.map(\.action))
        plan.actions.removeAll(where: failed.contains)
        let gathered = try await document.artifacts.gather(
            read,
            in: registry,
            atMost: options.concurrency,
            log: context.log
        )
        var metadata = PackageMetadata(gathered)
        let filtered = Dictionary(gathered.platformFilters.map { ($0.index, $0.filtered) }) { first, _ in first }
        let tags = plan.copies.compactMap { action -> TaggedImage? in
            guard let tag = action.tag, let image = action.image else { return nil }
            return TaggedImage(tag: tag, image: filtered[image] ?? image)
        }
        metadata.tags = tags.isEmpty ? nil : tags
        let absent = try await DeltaBase.layers(
            of: gathered.trees,
            heldBy: output.bases,
            in: registry,
            atMost: options.concurrency,
            context
        )
        if absent != nil, format != .kbld { throw MirrorDeltaError(path: output.path) }
        let layout = try PackageLayout(
            gathered.trees,
            metadata,
            as: format,
            at: output.path,
            omitting: absent,
            first: SignatureEvidence.layers(in: gathered.trees, names: gathered.names)
        )
        if absent != nil, let archive = try layout.tarball() { context.log(DeltaBase.summary(of: archive)) }
        try await layout.write(
            to: writer,
            from: { registry.repository($0) },
            atMost: options.concurrency,
            progress: progress
        )
        try writeRest(of: plan)
        return plan
    }
}

extension RegistryOptions {
    /// Takes over how many requests a second a document allows, where nothing else was said.
    fileprivate mutating func take(_ document: MirrorDocument) {
        for (host, rate) in document.requestsPerSecond where hosts[host]?.requestsPerSecond == nil {
            hosts[host, default: HostOptions()].requestsPerSecond = rate
        }
        requestsPerSecond = requestsPerSecond ?? document.requestsPerSecondElsewhere
    }
}
