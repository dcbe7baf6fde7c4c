import ContainerImage
import FoundationEssentials
import ImageStore
import RegistryMirroring

/// Notes in the target which tags are the mirror's own, before they are set: what a run that is killed has set is known
/// all the same.
struct MirrorLedger: Sendable {
    /// A tag, and what it is set to.
    struct Note: Sendable {
        var tag: Tag
        var repository: Repository
        var digest: Digest
        /// The whole index, where a filtered one takes its place.
        var source: Digest?
    }

    let store: MirrorStateStore

    /// Adds `notes` to what the target has; nothing is written where all are there.
    func add(_ notes: [Note]) async throws {
        guard !notes.isEmpty else { return }
        var state = try await store.read()
        let seconds = Int64(Date().timeIntervalSince1970)
        var isChanged = false
        for note in notes where state[note.repository, note.tag]?.digests.last != note.digest {
            isChanged = true
            state.note(note.tag, in: note.repository, as: note.digest, filteredFrom: note.source, at: seconds)
        }
        if isChanged { try await store.write(state) }
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
