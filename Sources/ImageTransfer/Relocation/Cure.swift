import Algorithms
import ContainerImage
import ImageStore

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

    private let blobs: [Digest: [BlobTransfer]]
    private let sources: [Digest: BlobTransfer]
    private let sent: Set<Sent>

    /// - Parameters:
    ///   - candidates: All blobs of the images, with a source that can be read again.
    ///   - transfers: Those that were sent.
    init(_ candidates: [BlobTransfer], sent transfers: [BlobTransfer]) {
        blobs = Dictionary(grouping: candidates.filter(\.source.isRepeatable), by: \.blob.digest)
        sources = Dictionary(transfers.map { ($0.blob.digest, $0) }) { first, _ in first }
        // What may have been taken over from another repository wasn't sent, as far as anyone knows.
        var sent: Set<Sent> = []
        for transfer in transfers where transfer.source.origin == nil {
            for place in transfer.destinations.uniqued(on: \.repository.registry) {
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
            guard let transfer = sources[blob.digest] ?? blobs[blob.digest]?.first, transfer.source.isRepeatable else {
                continue
            }
            if sent.contains(Sent(repository: place.repository, digest: blob.digest)),
                try await place.destination.contains(blob) != false
            {
                continue
            }
            try await place.destination.upload(blob, from: Unmounted(base: transfer.source), counting: nil)
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
}
