import ContainerImage
import Synchronization

/// The places that blobs came from, by their positions in the order in which they are asked, and which of them gave
/// other bytes.
final class BlobGivers: Sendable {
    private struct Blob: Hashable {
        var repository: Repository
        var digest: Digest
    }

    private struct Givers {
        var last: Int
        var passedOver: Set<Int> = []
    }

    private let givers = Mutex<[Blob: Givers]>([:])

    /// Records where a blob comes from.
    func gives(_ blob: Digest, of repository: Repository, place: Int) {
        givers.withLock { $0[Blob(repository: repository, digest: blob), default: Givers(last: place)].last = place }
    }

    /// Whether a place gave other bytes than those of a blob.
    func isPassedOver(_ place: Int, for blob: Digest, of repository: Repository) -> Bool {
        givers.withLock { $0[Blob(repository: repository, digest: blob)]?.passedOver.contains(place) == true }
    }

    /// Records that the place which gave a blob last gave other bytes.
    ///
    /// - Returns: The place; nil where that was recorded before, or nobody gave it.
    func passOverGiver(of blob: Digest, of repository: Repository) -> Int? {
        givers.withLock { givers in
            let key = Blob(repository: repository, digest: blob)
            guard let place = givers[key]?.last, givers[key]?.passedOver.insert(place).inserted == true else {
                return nil
            }
            return place
        }
    }
}
