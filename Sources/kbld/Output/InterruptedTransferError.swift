import ContainerImage
import ImageStore

/// A transfer that was broken off, of which the registry keeps what has arrived.
struct InterruptedTransferError: Error {
    private let snapshot: TransferProgress.Snapshot

    /// - Parameter snapshot: How far it was.
    init(_ snapshot: TransferProgress.Snapshot) { self.snapshot = snapshot }

    /// What is kept, and how to go on from there; nil where nothing is.
    var advice: String? {
        switch snapshot.phase {
        case .copy where snapshot.itemsDone > 0:
            "\(snapshot.itemsDone) of \(Count.text(snapshot.itemsTotal, "blob")) have arrived and are kept; "
                + "run it again to continue"
        case .push: "all blobs have arrived and are kept; run it again to continue"
        default: nil
        }
    }
}
