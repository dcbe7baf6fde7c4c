import ContainerImage
import Synchronization

/// How many bytes of manifests and configs may still be read: all of them are in memory at once.
final class ReadingBudget: Sendable {
    private let left = Mutex(ImageTree.bytesLimit)

    /// Takes `count` bytes, or gives some back where it is negative.
    ///
    /// - Throws: `ImageTreeError.tooLarge` when there are not as many left.
    func take(_ count: Int64, for reference: DigestReference) throws(ImageTreeError) {
        let isOver = left.withLock { left in
            left = left.addingUpToLimit(-count)
            return left < 0
        }
        guard !isOver else { throw .tooLarge(reference) }
    }
}
