import Signatures
import Synchronization

/// What was found out about images, by several tasks.
final class SignatureVerdicts: Sendable {
    private let verdicts = Mutex<[SignatureVerdict]>([])

    func add(_ found: some Sequence<SignatureVerdict>) { verdicts.withLock { $0 += found } }

    /// All of them, in the order of their images.
    var all: [SignatureVerdict] { verdicts.withLock { $0 }.sorted { $0.image < $1.image } }
}
