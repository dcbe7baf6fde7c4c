import ContainerImage
import Synchronization

/// Which manifests of a repository are about which: all are read when a repository is first asked, and those that come
/// and go noted from then on.
final class ReferrerIndex: Sendable {
    private struct Entry {
        /// Tells apart what is begun anew for the same repository.
        let number: Int
        private(set) var referrers: [Digest: Set<Digest>] = [:]
        private var subjects: [Digest: Digest] = [:]
        /// What came (with its subject) and went while the manifests were being read; nil when they have been.
        private var changes: [Digest: Digest?]? = [:]

        init(number: Int) { self.number = number }

        var isComplete: Bool { changes == nil }

        mutating func note(_ digest: Digest, about subject: Digest?) {
            guard isComplete else {
                changes?.updateValue(subject, forKey: digest)
                return
            }
            if let former = subjects.removeValue(forKey: digest) {
                referrers[former]?.remove(digest)
                if referrers[former]?.isEmpty == true { referrers[former] = nil }
            }
            guard let subject else { return }
            subjects[digest] = subject
            referrers[subject, default: []].insert(digest)
        }

        mutating func complete(_ found: [Digest: Digest]) {
            guard let changes else { return }
            self.changes = nil
            for (digest, subject) in found { note(digest, about: subject) }
            for (digest, subject) in changes { note(digest, about: subject) }
        }
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var begun = 0
    }

    private let state = Mutex(State())

    /// The digests of the manifests about `subject`, sorted.
    ///
    /// - Parameter readAll: Gives the subject of each manifest of the repository that has one, by the manifest's digest;
    ///   nil where there are no manifests, and nothing to be kept.
    func referrers(
        to subject: Digest,
        in repository: String,
        readAll: () async throws -> [Digest: Digest]?
    ) async throws -> [Digest] {
        let (number, known) = state.withLock { state in
            if let entry = state.entries[repository] {
                return (entry.number, entry.isComplete ? entry.referrers[subject] ?? [] : nil)
            }
            state.begun += 1
            state.entries[repository] = Entry(number: state.begun)
            return (state.begun, nil)
        }
        if let known { return known.sorted() }
        let found = try await readAll()
        return state.withLock { state in
            guard state.entries[repository]?.number == number else {
                // There were no manifests when another request looked, and nobody has noted what came since.
                return (found ?? [:]).filter { $0.value == subject }.keys.sorted()
            }
            guard let found else {
                state.entries[repository] = nil
                return []
            }
            // Another request may have been faster: what it read has been kept up to date since.
            state.entries[repository]?.complete(found)
            return state.entries[repository]?.referrers[subject]?.sorted() ?? []
        }
    }

    /// Notes that a manifest has come.
    func put(_ manifest: RawManifest, in repository: String) {
        guard let subject = manifest.referrerDescriptor?.subject else { return }
        state.withLock { $0.entries[repository]?.note(manifest.digest, about: subject) }
    }

    /// Notes that a manifest has gone.
    func remove(_ manifest: Digest, from repository: String) {
        state.withLock { $0.entries[repository]?.note(manifest, about: nil) }
    }
}
