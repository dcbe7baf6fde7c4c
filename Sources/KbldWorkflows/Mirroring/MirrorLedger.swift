import ContainerImage
import FoundationEssentials
import ImageStore
import RegistryMirroring

/// Notes in the target which tags are the mirror's own, before they are set: what a run that is killed has set is known
/// all the same.
actor MirrorLedger {
    /// A tag, and what it is set to.
    struct Note: Sendable {
        var tag: Tag
        var repository: Repository
        var digest: Digest
        /// The whole index, where a filtered one takes its place.
        var source: Digest?
    }

    private let store: MirrorStateStore
    private var noted: [Note] = []

    init(store: MirrorStateStore) { self.store = store }

    /// Adds `notes` to what the target has; nothing is written where all are there.
    func add(_ notes: [Note]) async throws {
        noted += notes
        try await write(notes)
    }

    /// Adds what another run at the same time has overwritten.
    func confirm() async throws { try await write(noted) }

    private func write(_ notes: [Note]) async throws {
        guard !notes.isEmpty else { return }
        let seconds = Int64(Date().timeIntervalSince1970)
        try await store.update { state in
            var isChanged = false
            for note in notes where state[note.repository, note.tag]?.digests.last != note.digest {
                isChanged = true
                state.note(note.tag, in: note.repository, as: note.digest, filteredFrom: note.source, at: seconds)
            }
            return isChanged
        }
    }

    /// Adds those tags of `actions` that are kept and that other mirrors of the target have set: what one of them doesn't
    /// name any more stays, as this one does.
    func claim(_ actions: [MirrorPlan.Action]) async throws {
        let kept = actions.filter { $0.kind == .keep && $0.tag != nil }
        guard !kept.isEmpty else { return }
        let others: [String: MirrorState]
        do {
            others = try await store.others()
        } catch let error as any StoreError where error.mayMeanAbsence {
            // Some tell nobody which tags they have. What isn't claimed is never pruned by this mirror.
            return
        }
        let notes = kept.flatMap { action in
            others.values.compactMap { other -> Note? in
                guard let tag = action.tag, let entry = other[action.repository, tag], let last = entry.digests.last,
                    other.owns(tag, in: action.repository, as: action.current ?? action.digest ?? last)
                else { return nil }
                return Note(tag: tag, repository: action.repository, digest: action.current ?? action.digest ?? last)
            }
        }
        try await add(notes)
    }
}

extension MirrorLedger.Note {
    /// What is said of a tag that is there already; nil for other actions.
    init?(kept action: MirrorPlan.Action) {
        guard action.kind == .keep, let tag = action.tag, let digest = action.current ?? action.digest else {
            return nil
        }
        self.init(tag: tag, repository: action.repository, digest: digest)
    }
}
