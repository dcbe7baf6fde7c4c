import Dispatch
import LibC
import Synchronization
package import SystemPackage

/// Has the kernel write to the disk while there is more to come, so that the sync in the end has little left to do.
///
/// The calls may wait for the disk, so they have a queue of their own.
package final class Writeback: Sendable {
    /// How many bytes of an entry are handed to the disk at once.
    package static let flushInterval: Int64 = 8 << 20

    private let queue = DispatchQueue(label: "kbld.writeback")
    private let isOver = Atomic<Bool>(false)

    /// Creates a queue that nothing was handed to.
    package init() {}

    /// Starts writing `count` bytes at `offset`. This is a hint: errors come out of the sync in the end.
    package func start(_ descriptor: FileDescriptor, at offset: Int64, count: Int64) {
        queue.async { [self] in
            guard !isOver.load(ordering: .relaxed) else { return }
            // Linux starts writing dirty pages that aren't needed any more, and keeps them until they are written.
            _ = posix_fadvise(descriptor.rawValue, off_t(offset), off_t(count), POSIX_FADV_DONTNEED)
        }
    }

    /// Waits until all of it has been handed to the disk, or the task is cancelled. The sync in the end can't be broken
    /// off; this can.
    package func drain() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in queue.async { continuation.resume() } }
        } onCancel: {
            isOver.store(true, ordering: .relaxed)
        }
    }

    /// Drops what hasn't begun and waits for what has: the descriptor may be closed then.
    package func finish() {
        isOver.store(true, ordering: .relaxed)
        queue.sync {}
    }
}
