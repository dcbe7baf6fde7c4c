public import ContainerImage
import FoundationEssentials
package import ImageStore
import LocalFiles
public import RegistryMirroring

/// Tags that a mirror's document doesn't name any more go: first a plan, then what it says.
public struct PruneWorkflow: Sendable {
    /// What is allowed.
    public struct Options: Sendable {
        /// The file with the mirror's document.
        public var file: String
        /// How old a plan may be, in seconds.
        public var maximalAge: Int64 = 24 * 3600
        /// How much of all tags may be deleted, in percent.
        public var limit = 20.0
        /// Whether all tags of the repositories that the document maps to count as the mirror's own from now on.
        public var adopts = false
        /// Repositories that are mirrored and are known to have no tags any more.
        public var gone: [Repository] = []
        /// How many requests are under way at once.
        public var concurrency = 64

        /// Creates options for the mirror of the document in `file`.
        public init(file: String) { self.file = file }
    }

    /// What was found, or done.
    public struct Outcome: Sendable {
        /// The plan.
        public var plan: PrunePlan
        /// The tags that were deleted; nil where nothing was to be yet.
        public var deleted: [PrunePlan.Entry]?
        /// The tags of the plan that were gone before.
        public var absent: [PrunePlan.Entry] = []
        /// How many manifests and tags that belonged to them are gone as well.
        public var companions = 0
        /// What stays: a line for each.
        public var notes: [String]
        /// The sources that couldn't be asked, or that list nothing, and what couldn't be deleted; and why.
        public var failures: [HintedText] = []
    }

    private let mirroring: MirroringWorkflow
    private let options: Options
    private let context: WorkflowContext
    private let digest: Digest

    /// Reads the document.
    ///
    /// - Throws: `YAMLError`, `MirrorDocumentError`, and where the file can't be read.
    public init(_ options: Options, in context: WorkflowContext) throws {
        self.options = options
        var mirror = MirroringWorkflow.Options(file: options.file)
        mirror.concurrency = options.concurrency
        mirroring = try MirroringWorkflow(mirror, in: context)
        try mirroring.document.checkName(file: options.file == "-" ? "stdin" : options.file)
        // With the rates that the document says.
        self.context = mirroring.context
        digest = Digest(of: Array(mirroring.document.text.utf8))
        try mirroring.document.check(gone: options.gone)
    }

    private var now: Int64 { Int64(Date().timeIntervalSince1970) }

    /// Finds out what may go, and writes it to a file where there is to be one. Nothing is deleted.
    public func plan(to path: String?) async throws -> Outcome {
        try TextFile.check(path)
        let outcome = try await context.withRegistries { try await plan(in: $0) }
        if let path { try TextFile.write(try outcome.plan.text(), to: path) }
        return outcome
    }

    /// Finds out what of the target in `registry` may go.
    package func plan(in registry: any ImageRegistry) async throws -> Outcome {
        let document = mirroring.document
        let selection = try await completeSelection(in: registry, without: options.gone)
        let planner = PrunePlanner(document, in: registry, atMost: options.concurrency)
        let store = try MirrorStateStore(document, in: registry)
        let ledger = MirrorLedger(store: store)
        if options.adopts {
            let present = try await planner.present(selection.repositories)
            try await ledger.add(
                present.map { MirrorLedger.Note(tag: $1, repository: $0, digest: $2, source: nil) }
            )
        }
        let found = try await find(selection, store, planner)
        try await ledger.confirm()
        let plan = PrunePlan(
            target: "\(document.target)",
            document: digest,
            created: now,
            total: found.total,
            tags: found.tags,
            gone: options.gone
        )
        return Outcome(plan: plan, notes: found.notes, failures: Self.texts(of: selection.failures))
    }

    private func find(
        _ selection: MirrorSelection,
        _ store: MirrorStateStore,
        _ planner: PrunePlanner
    ) async throws -> PrunePlanner.Outcome {
        let state = try await store.read()
        // Nothing goes of a mirror that has nothing.
        let others = state.isEmpty ? [:] : try await store.others()
        return try await planner.plan(selection, state, beside: others, now: now)
    }

    private static func texts(of failures: [MirrorPlan.Failure]) -> [HintedText] {
        failures.map { failure in
            let text: HintedText = "\(failure.subject): \(HintedText(describing: failure.error))"
            guard let error = failure.error as? any StoreError, error.mayMeanAbsence else { return text }
            return text + "\(hint: .confirmAbsence, after: "; ")"
        }
    }

    /// What the document names.
    ///
    /// - Parameter gone: Repositories that are known to have no tags any more.
    /// - Throws: `PruneRefusal.unknownSelection` where that can't be told of a repository at all.
    private func completeSelection(
        in registry: any ImageRegistry,
        without gone: [Repository]
    ) async throws -> MirrorSelection {
        let selection = try await mirroring.planner(in: registry, without: Set(gone)).selection()
        if selection.isIncomplete, let failure = selection.failures.first {
            throw PruneRefusal.unknownSelection("\(failure.subject): \(failure.error)")
        }
        return selection
    }

    /// Deletes what the plan in a file says.
    ///
    /// - Throws: `PruneRefusal` before anything is deleted.
    public func apply(_ path: String) async throws -> Outcome {
        let plan = try PrunePlan(decoding: try InputFile.bytes(of: path), path: path)
        return try await context.withRegistries { try await apply(plan, in: $0) }
    }

    /// Deletes what `plan` says from the target in `registry`.
    package func apply(_ plan: PrunePlan, in registry: any ImageRegistry) async throws -> Outcome {
        let document = mirroring.document
        try plan.check(
            document: digest,
            target: "\(document.target)",
            now: now,
            maximalAge: options.maximalAge,
            limit: options.limit
        )
        let gone = try (plan.gone ?? []).map { try Repository($0) }
        try document.check(gone: gone)
        let selection = try await completeSelection(in: registry, without: gone)
        let store = try MirrorStateStore(document, in: registry)
        // The file is only what was planned: what may go is found out anew.
        let planner = PrunePlanner(document, in: registry, atMost: options.concurrency)
        let found = try await find(selection, store, planner)
        let allowed = Set(found.tags)
        var goneCount = 0
        for entry in plan.tags where !allowed.contains(entry) {
            let (repository, tag) = (try Repository(entry.repository), try Tag(entry.tag))
            guard selection.repositories.contains(repository) else { throw PruneRefusal.foreign(entry) }
            guard selection.tags[repository]?.contains(tag) != true else { throw PruneRefusal.otherDocument }
            guard let digest = try await registry.repository(repository).descriptor(of: tag)?.digest else {
                // An earlier run was ended in the middle.
                goneCount += 1
                continue
            }
            throw Self.refusal(of: entry, naming: digest, in: repository, selection)
        }
        try plan.check(limit: options.limit, total: found.total + goneCount)
        let done = try await PruneExecution(in: registry, atMost: options.concurrency)
            .run(plan, in: selection.repositories)
        let deleted = try (done.deleted + done.absent).map { entry in
            (try Tag(entry.tag), try Repository(entry.repository), entry.digest)
        }
        // Once more for what another process has overwritten.
        for _ in 0..<2 {
            try await store.update { state in
                // A run may have set some anew meanwhile.
                let gone = deleted.filter { state[$1, $0]?.digests.last == $2 }
                for (tag, repository, _) in gone { state.forget(tag, in: repository) }
                return !gone.isEmpty
            }
        }
        return Outcome(
            plan: plan,
            deleted: done.deleted,
            absent: done.absent,
            companions: done.companions,
            notes: done.notes,
            failures: Self.texts(of: selection.failures) + done.failures.map { HintedText($0) }
        )
    }

    /// Why a tag of a plan, which is there, may not go now.
    private static func refusal(
        of entry: PrunePlan.Entry,
        naming digest: Digest,
        in repository: Repository,
        _ selection: MirrorSelection
    ) -> PruneRefusal {
        if digest != entry.digest { return .moved(entry, digest) }
        guard selection.unknown.contains(repository) else { return .kept(entry) }
        return .unknown(entry, texts(of: selection.failures).map(\.description))
    }
}

extension MirrorDocument {
    /// Makes sure that the lists of tags of `repositories` matter.
    fileprivate func check(gone repositories: [Repository]) throws(PruneRefusal) {
        let listed = Set(
            entries.compactMap { entry -> Repository? in
                guard case .repository(let name, let tags) = entry.content, tags.names == nil else { return nil }
                return name
            }
        )
        for name in repositories where !listed.contains(name) { throw .unlisted(name.description) }
    }
}
