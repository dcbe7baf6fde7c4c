import ContainerImage
import ImageStore
import NIOCore

/// Sending blobs, those of a package as soon as they are verified.
extension ImageRelocation {
    /// Sends the blobs. Layers are verified ahead of that, as fast as their bytes can be read: the small are sent once they
    /// are, and the large follow.
    func send(_ transfers: [BlobTransfer], checking check: Check?) async throws {
        let layers = transfers.filter(\.isLayer)
        guard let check, !layers.isEmpty else { return try await send(transfers) }
        let verified = VerifiedLayers()
        progress?.enter(.check, items: layers.count, bytes: layers.byteTotal(\.blob.size))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                // Hashing keeps a processor busy. The order is that in which they are sent, the small beside the large.
                let width = min(limit, System.coreCount + 1)
                try await layers.concurrentForEach(atMost: width, sizedBy: \.blob.size) { layer in
                    let item = progress?.begin(layer.image.path, bytes: layer.blob.size, in: .check)
                    try await verified.verify(layer.blob, by: try await check(layer.blob, layer.image), counting: item)
                    item?.finish()
                }
            }
            group.addTask {
                try await verified.first()
                try await send(transfers) { $0.isLayer ? try await verified.source(of: $0.blob.digest) : $0.source }
            }
            // Where one is cut off because the other failed, that is what counts.
            var failure: (any Error)?
            while let result = await group.nextResult() {
                guard case .failure(let error) = result else { continue }
                if failure == nil || failure is CancellationError { failure = error }
                group.cancelAll()
            }
            if let failure { throw failure }
        }
    }

    /// Sends the blobs; `source` returns where each comes from, once that may be asked.
    func send(
        _ transfers: [BlobTransfer],
        from source: @escaping @Sendable (BlobTransfer) async throws -> any ImageSource = { $0.source }
    ) async throws {
        progress?.enter(
            .copy,
            items: transfers.reduce(0) { $0 + $1.destinations.count },
            bytes: transfers.byteTotal(\.destinationBytes)
        )
        try await transfers.concurrentForEach(atMost: limit, sizedBy: \.blob.size) { transfer in
            var transfer = transfer
            transfer.source = try await source(transfer)
            do {
                try await transfer.send(counting: progress)
            } catch {
                // What is wrong with the bytes says more than what became of their upload.
                throw (transfer.source as? FollowingSource)?.progress.failure ?? error
            }
        }
    }
}
