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
        let arrived = Dictionary(grouping: try await arriving(items, of: batches), by: \.position)
        var outcome = Outcome(batches: [], failed: [])
        for (position, batch) in batches.enumerated() {
            let trees = arrived[position]?.map(\.tree) ?? []
            let digests = Set(trees.map(\.manifest.digest))
            outcome.batches.append(Self.batch(batch, with: trees))
            outcome.failed += batch.trees.map(\.manifest.digest).filter { !digests.contains($0) }.map {
                DigestReference(repository: batch.repository, digest: $0)
            }
        }
        return outcome
    }

    /// Copies all of `items`, or, where that fails, ever fewer of them: those that fail alone are to blame.
    private func arriving(_ items: [Item], of batches: [ImageBatch]) async throws -> [Item] {
        guard let first = items.first else { return [] }
        do {
            let trees = Dictionary(grouping: items, by: \.position)
            try await copy(
                trees.sorted { $0.key < $1.key }.map { Self.batch(batches[$0.key], with: $0.value.map(\.tree)) }
            )
            return items
        } catch {
            if error is CancellationError || Task.isCancelled { throw error }
            guard items.count > 1 else {
                let name = "\(batches[first.position].repository)@\(first.tree.manifest.digest)"
                log("not restored: \(name): \(HintedText(describing: error))")
                return []
            }
            let middle = items.count / 2
            return try await arriving(Array(items[..<middle]), of: batches)
                + arriving(Array(items[middle...]), of: batches)
        }
    }

    private static func batch(_ batch: ImageBatch, with trees: [ImageTree]) -> ImageBatch {
        ImageBatch(trees, to: batch.destination, tags: batch.tags, markingArrival: batch.marksArrival)
    }
}
