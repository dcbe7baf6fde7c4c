public import ContainerImage
public import ImageStore

/// What a relocation would bring to one repository.
public struct RelocationPlan: Sendable, Equatable {
    /// The repository.
    public var repository: Repository
    /// How many images and indexes it would get, those in indexes not counted.
    public var images = 0
    /// How many of them it has.
    public var presentImages = 0
    /// How many distinct blobs would be sent, or taken over from another repository of the registry.
    public var blobs = 0
    /// The bytes of these.
    public var blobBytes: Int64 = 0
    /// How many distinct blobs are there already.
    public var presentBlobs = 0
    /// The bytes of these.
    public var presentBlobBytes: Int64 = 0
    /// How many indexes it would get that name images which don't come along. Whether the registry takes such shows only
    /// when they are uploaded.
    public var sparseIndexes = 0

    init(repository: Repository) { self.repository = repository }
}

extension ImageRelocation {
    /// What ``copy(_:from:)`` would bring, in the order of the batches. Repositories are asked for what they have; nothing is
    /// sent.
    ///
    /// - Throws: As that does: among others, `OmittedLayersError` for layers that nobody has.
    public func plan(
        _ batches: [ImageBatch],
        from source: @escaping @Sendable (Repository) -> any ImageSource
    ) async throws -> [RelocationPlan] {
        let arrivals = try await arrivals(of: batches)
        let candidates = candidates(arrivals, from: source)
        let transfers = try await transfers(of: candidates, arrivals, among: batches)
        return plans(for: batches, arrivals, candidates, transfers)
    }

    /// What ``copyAvailable(_:from:)`` would bring, in the order of the batches, and the layers that would be lacking.
    ///
    /// - Throws: As that does.
    public func planAvailable(
        _ batches: [ImageBatch],
        from source: @escaping @Sendable (Repository) -> any ImageSource
    ) async throws -> (plans: [RelocationPlan], lacking: Set<Digest>) {
        let arrivals = try await arrivals(of: batches)
        let candidates = candidates(arrivals, from: source)
        let (transfers, lacking) = try await available(candidates, arrivals, among: batches)
        let plans = plans(for: batches, arrivals, candidates, transfers, lacking: lacking)
        return (plans, Set(lacking.map(\.blob.digest)))
    }

    private func plans(
        for batches: [ImageBatch],
        _ arrivals: Arrivals,
        _ candidates: [Candidate],
        _ transfers: [BlobTransfer],
        lacking: [BlobTransfer] = []
    ) -> [RelocationPlan] {
        var plans: [Repository: RelocationPlan] = [:]
        func change(_ repository: Repository, _ body: (inout RelocationPlan) -> Void) {
            body(&plans[repository, default: RelocationPlan(repository: repository)])
        }
        for batch in arrivals.fresh {
            change(batch.repository) {
                $0.images += batch.trees.count
                $0.sparseIndexes += batch.trees.flatMap(\.all).count(where: \.isSparse)
            }
        }
        for batch in arrivals.arrived {
            change(batch.repository) {
                $0.images += batch.trees.count
                $0.presentImages += batch.trees.count
            }
        }
        for candidate in candidates {
            change(candidate.place.repository) {
                $0.presentBlobs += 1
                $0.presentBlobBytes = $0.presentBlobBytes.addingUpToLimit(candidate.transfer.blob.size)
            }
        }
        for transfer in transfers {
            for place in transfer.destinations {
                change(place.repository) {
                    $0.presentBlobs -= 1
                    $0.presentBlobBytes = max(0, $0.presentBlobBytes - transfer.blob.size)
                    $0.blobs += 1
                    $0.blobBytes = $0.blobBytes.addingUpToLimit(transfer.blob.size)
                }
            }
        }
        for transfer in lacking {
            for place in transfer.destinations {
                change(place.repository) {
                    $0.presentBlobs -= 1
                    $0.presentBlobBytes = max(0, $0.presentBlobBytes - transfer.blob.size)
                }
            }
        }
        return batches.map { plans[$0.repository] ?? RelocationPlan(repository: $0.repository) }
    }
}
