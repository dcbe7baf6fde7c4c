import Algorithms
import ContainerImage
import ImageStore
import Synchronization

/// Brings what a registry turns out to lack when it refuses a manifest: blobs that it said it had, or that it claimed to
/// have taken over from another repository.
///
/// What was sent to it already, and is there as it says, isn't sent a second time.
struct Cure: Sendable {
    /// A blob in a repository.
    private struct Sent: Hashable {
        var repository: Repository
        var digest: Digest
    }

    /// What can be sent, found by its digest when that is needed: mostly it isn't.
    private final class Sources: Sendable {
        private let candidates: [ImageRelocation.Candidate]
        private let transfers: [BlobTransfer]
        private let omitted: Set<Digest>
        private let found = Mutex<[Digest: BlobTransfer]?>(nil)

        init(_ candidates: [ImageRelocation.Candidate], _ omitted: Set<Digest>, _ transfers: [BlobTransfer]) {
            self.candidates = candidates
            self.omitted = omitted
            self.transfers = transfers
        }

        func transfer(of blob: Digest) -> BlobTransfer? {
            found.withLock { found in
                if found == nil { found = all }
                return found?[blob]
            }
        }

        /// What was sent comes before what might have been.
        private var all: [Digest: BlobTransfer] {
            let others = candidates.lazy.map(\.transfer).filter {
                $0.source.isRepeatable && !self.omitted.contains($0.blob.digest)
            }
            return Dictionary(transfers.map { ($0.blob.digest, $0) }) { first, _ in first }
                .merging(others.map { ($0.blob.digest, $0) }) { first, _ in first }
        }
    }

    private let sources: Sources
    private let sent: Set<Sent>

    /// - Parameters:
    ///   - candidates: All blobs of the images.
    ///   - omitted: Those that the source doesn't have.
    ///   - transfers: Those that were sent.
    init(_ candidates: [ImageRelocation.Candidate], without omitted: Set<Digest>, sent transfers: [BlobTransfer]) {
        sources = Sources(candidates, omitted, transfers)
        // What may have been taken over from another repository wasn't sent, as far as anyone knows.
        var sent: Set<Sent> = []
        for transfer in transfers where transfer.source.origin == nil {
            for place in transfer.destinations.uniqued(on: \.repository.registry)
            where transfer.holders[place.repository.registry] == nil {
                sent.insert(Sent(repository: place.repository, digest: transfer.blob.digest))
            }
        }
        self.sent = sent
    }

    /// Sends the blobs of `manifest` that `place` may lack.
    ///
    /// - Returns: Whether there were such.
    func bring(what manifest: RawManifest, lacksAt place: BlobTransfer.Place) async throws -> Bool {
        guard case .image(let image) = try manifest.parsed() else { return false }
        var isBetter = false
        for blob in image.layers + [image.config] {
            guard let transfer = sources.transfer(of: blob.digest), transfer.source.isRepeatable else { continue }
            if sent.contains(Sent(repository: place.repository, digest: blob.digest)),
                try await place.destination.contains(blob) != false
            {
                continue
            }
            let source = Unmounted(base: transfer.source)
            try await source.rereading(blob) {
                try await place.destination.upload(blob, from: source, counting: nil)
            }
            isBetter = true
        }
        return isBetter
    }
}

/// A source whose bytes are sent, wherever else they are.
private struct Unmounted: ImageSource {
    let base: any ImageSource
    var name: String { base.name }
    var isRepeatable: Bool { base.isRepeatable }

    func manifest(_ digest: Digest) async throws -> RawManifest { try await base.manifest(digest) }

    func content(of blob: Descriptor, from offset: Int64) async throws -> BlobBody {
        try await base.content(of: blob, from: offset)
    }

    func passOverGiver(of blob: Digest) -> Bool { base.passOverGiver(of: blob) }
}
