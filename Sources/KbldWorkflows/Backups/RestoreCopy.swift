import ContainerImage
import ImageStore
import ImageTransfer

/// Copies the images of backups, those too that come after one that can't be.
struct RestoreCopy: Sendable {
    /// An image, and the position of the batch that it is in.
    private struct Item: Sendable {
        var position: Int
        var tree: ImageTree
    }

    /// What came of it.
    struct Outcome: Sendable {
        /// The batches in the order given, with the images that arrived.
        var batches: [ImageBatch]
        /// The images that didn't arrive, where they were to go.
        var failed: [DigestReference]
    }

    let log: LogSink
    /// Copies images; throws if one of them can't be.
    let copy: @Sendable ([ImageBatch]) async throws -> Void

    /// Copies `batches`.
    ///
    /// - Throws: Cancellation alone; why an image wasn't copied is in the log.
    func run(_ batches: [ImageBatch]) async throws -> Outcome {
        let items = batches.enumerated().flatMap { position, batch in
            batch.trees.map { Item(position: position, tree: $0) }
        }
        let failures = try await failures(among: items, of: batches)
        let failed = Dictionary(grouping: failures.map(\.unit), by: \.position).mapValues {
            Set($0.map(\.tree.manifest.digest))
        }
        var outcome = Outcome(batches: [], failed: [])
        for (position, batch) in batches.enumerated() {
            let lost = failed[position] ?? []
            outcome.batches.append(
                Self.batch(batch, with: batch.trees.filter { !lost.contains($0.manifest.digest) })
            )
            outcome.failed += batch.trees.map(\.manifest.digest).filter(lost.contains).map {
                DigestReference(repository: batch.repository, digest: $0)
            }
        }
        return outcome
    }

    private func failures(
        among items: [Item],
        of batches: [ImageBatch]
    ) async throws -> [FaultIsolation<Item>.Failure] {
        var isolation = FaultIsolation<Item> { batches[$0.position].repository.registry }
        let failures = try await isolation.run(items) { items in
            let trees = Dictionary(grouping: items, by: \.position).sorted { $0.key < $1.key }
            try await copy(trees.map { Self.batch(batches[$0.key], with: $0.value.map(\.tree)) })
        }
        for failure in failures where failure.isTried {
            let name = "\(batches[failure.unit.position].repository)@\(failure.unit.tree.manifest.digest)"
            log("not restored: \(name): \(HintedText(describing: failure.error))")
        }
        let untried = failures.filter { !$0.isTried }
        if let failure = untried.first {
            log("not restored: \(Count.text(untried.count, "more image")): \(HintedText(describing: failure.error))")
        }
        return failures
    }

    private static func batch(_ batch: ImageBatch, with trees: [ImageTree]) -> ImageBatch {
        ImageBatch(trees, to: batch.destination, tags: batch.tags, markingArrival: batch.marksArrival)
    }
}
