import ContainerImage
import ImageStore
import Synchronization

/// Layers that are verified one after the other, for those that wait for them.
final class VerifiedLayers: Sendable {
    private struct State {
        /// What may be sent, until somebody asks for it.
        var sources: [Digest: any ImageSource] = [:]
        var waiters: [Digest: CheckedContinuation<(any ImageSource)?, Never>] = [:]
        var isOver = false
    }

    private let state = Mutex(State())
    private let start = AsyncStream.makeStream(of: Void.self)

    /// Verifies `layer`. A large one may be sent meanwhile, as far as that has got; a small one is when it is verified.
    ///
    /// - Throws: What is wrong with it.
    func verify(_ layer: Descriptor, by check: BlobCheck, counting item: TransferProgress.Item?) async throws {
        guard layer.size >= LargeTransfer.threshold else {
            try await check.verify(counting: item)
            return add(check.source, for: layer.digest)
        }
        let progress = VerificationProgress(of: layer.size)
        add(FollowingSource(base: check.source, progress: progress), for: layer.digest)
        do {
            try await check.verify(counting: item) { progress.add($0) }
        } catch {
            progress.finish(.failure(error))
            throw error
        }
        progress.finish(.success(()))
    }

    private func add(_ source: any ImageSource, for digest: Digest) {
        let waiter = state.withLock { state in
            let waiter = state.waiters.removeValue(forKey: digest)
            if waiter == nil { state.sources[digest] = source }
            return waiter
        }
        waiter?.resume(returning: source)
        start.continuation.finish()
    }

    /// Waits for the first layer.
    func first() async throws {
        for await _ in start.stream {}
        try Task.checkCancellation()
    }

    /// Waits for the layer of `digest`, for which one can wait once.
    ///
    /// - Throws: `CancellationError`, which is also what the failure of another layer brings.
    func source(of digest: Digest) async throws -> any ImageSource {
        let source: (any ImageSource)? = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (source, isOver) = state.withLock { state in
                    let source = state.sources.removeValue(forKey: digest)
                    if source == nil, !state.isOver { state.waiters[digest] = continuation }
                    return (source, state.isOver)
                }
                if source != nil || isOver { continuation.resume(returning: source) }
            }
        } onCancel: {
            giveUp()
        }
        guard let source else { throw CancellationError() }
        return source
    }

    /// Nobody waits any more: all are cancelled together.
    private func giveUp() {
        let waiters = state.withLock { state in
            state.isOver = true
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in waiters.values { waiter.resume(returning: nil) }
    }
}
