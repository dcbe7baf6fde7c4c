import Synchronization

/// Checkpoints that a log was found to have signed: entries that came into it together have the same one.
final class KnownCheckpoints: Sendable {
    private let checkpoints = Mutex<Set<Checkpoint>>([])

    /// How many are kept.
    private static let countLimit = 1000

    func contains(_ checkpoint: Checkpoint) -> Bool { checkpoints.withLock { $0.contains(checkpoint) } }

    func note(_ checkpoint: Checkpoint) {
        checkpoints.withLock { if $0.count < Self.countLimit { $0.insert(checkpoint) } }
    }
}
