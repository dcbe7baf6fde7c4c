public import ContainerImage
public import ImageStore
import NIOCore

/// Copies images into repositories under the same digests: what is missing there, each blob once, manifests after
/// all that they refer to (docs/format.md, "Reading").
public struct ImageRelocation: Sendable {
    let limit: Int
    let progress: TransferProgress?
    private let omitted: OmittedLayers
    private let check: Check?
    let rechecks: Bool

    /// Prepares the verification of a layer of an image that is, at the source, in a repository.
    public typealias Check = @Sendable (_ layer: Descriptor, _ repository: Repository) async throws -> BlobCheck

    /// Creates a relocation.
    ///
    /// - Parameters:
    ///   - limit: How many transfers are under way at once.
    ///   - progress: Counts blobs, bytes and manifests.
    ///   - omitted: Layers that the source doesn't have.
    ///   - rechecks: Whether images that are there are asked for their parts, so that what was lost since comes back.
    ///   - check: Called for each layer that will be uploaded: no byte goes out that wasn't hashed before, and the last ones only
    ///     when all are right.
    public init(
        atMost limit: Int,
        progress: TransferProgress? = nil,
        omitting omitted: OmittedLayers = OmittedLayers([]),
        rechecking rechecks: Bool = true,
        checking check: Check? = nil
    ) {
        self.limit = limit
        self.progress = progress
        self.omitted = omitted
        self.rechecks = rechecks
        self.check = check
    }

    /// Copies all of `batches`.
    ///
    /// - Parameter source: Gives the store that has what is in a repository.
    /// - Throws: `RelocationError` naming the image or blob. Images are then not all there; those that are, are whole.
    public func copy(
        _ batches: [ImageBatch],
        from source: @escaping @Sendable (Repository) -> any ImageSource
    ) async throws {
        let arrivals = try await arrivals(of: batches)
        let candidates = candidates(arrivals, from: source)
        let transfers = try await transfers(of: candidates, arrivals, among: batches)
        try await finish(batches, arrivals, candidates, transfers)
    }

    /// Copies those blobs of `batches` that the source, a base or another destination has, and the images once there are
    /// all.
    ///
    /// - Returns: The layers that are lacking; empty where the images arrived.
    /// - Throws: As ``copy(_:from:)``.
    public func copyAvailable(
        _ batches: [ImageBatch],
        from source: @escaping @Sendable (Repository) -> any ImageSource
    ) async throws -> Set<Digest> {
        let arrivals = try await arrivals(of: batches)
        let candidates = candidates(arrivals, from: source)
        let (transfers, lacking) = try await available(candidates, arrivals, among: batches)
        guard lacking.isEmpty else {
            try await send(transfers, checking: check)
            return Set(lacking.map(\.blob.digest))
        }
        try await finish(batches, arrivals, candidates, transfers)
        return []
    }

    private func finish(
        _ batches: [ImageBatch],
        _ arrivals: Arrivals,
        _ candidates: [Candidate],
        _ transfers: [BlobTransfer]
    ) async throws {
        let lost = rechecks ? try await lostManifests(below: arrivals.arrived) : []
        try await send(transfers, checking: check)
        try await push(arrivals.fresh, lost, curing: cure(candidates, sent: transfers))
        try await tag(batches)
    }

    /// A blob that may have to be sent.
    struct Candidate: Sendable {
        var transfer: BlobTransfer
        /// Whether an image with it arrived already.
        var hasArrived: Bool
        var place: BlobTransfer.Place { transfer.place }
    }

    /// The distinct blobs of all images, once for each repository that they are to be in.
    func candidates(_ arrivals: Arrivals, from source: @Sendable (Repository) -> any ImageSource) -> [Candidate] {
        struct Key: Hashable {
            var repository: Repository
            var digest: Digest
        }
        var candidates: [Candidate] = []
        var seen: Set<Key> = []
        func add(_ batches: [ImageBatch], hasArrived: Bool) {
            for batch in batches {
                let places = [batch.place]
                for leaf in batch.trees.lazy.flatMap(\.images) {
                    let image = leaf.reference.repository
                    let store = source(image)
                    func add(_ blob: Descriptor, from source: any ImageSource, isLayer: Bool) {
                        guard seen.insert(Key(repository: batch.repository, digest: blob.digest)).inserted else {
                            return
                        }
                        let transfer = BlobTransfer(
                            blob: blob,
                            image: image,
                            source: source,
                            isLayer: isLayer,
                            destinations: places
                        )
                        candidates.append(Candidate(transfer: transfer, hasArrived: hasArrived))
                    }
                    for layer in leaf.packagedLayers { add(layer, from: store, isLayer: true) }
                    add(leaf.parsed.config, from: ConfigSource(config: leaf.config, store: store), isLayer: false)
                }
            }
        }
        add(arrivals.fresh, hasArrived: false)
        if rechecks { add(arrivals.arrived, hasArrived: true) }
        return candidates
    }

    /// The distinct blobs among `candidates` that are missing, with the repositories that lack them. A repository that has
    /// lost a blob of an image which arrived lacks it, too; one that doesn't tell has it if the image arrived.
    func transfers(
        of candidates: [Candidate],
        _ arrivals: Arrivals,
        among all: [ImageBatch]
    ) async throws -> [BlobTransfer] {
        let missing = try await missing(of: candidates, arrivals, among: all)
        return try await omitted.completed(missing, among: all.map(\.destination), atMost: limit)
    }

    /// Those of these that the source, a base or another destination has, and those that none has.
    func available(
        _ candidates: [Candidate],
        _ arrivals: Arrivals,
        among all: [ImageBatch]
    ) async throws -> (transfers: [BlobTransfer], lacking: [BlobTransfer]) {
        let missing = try await missing(of: candidates, arrivals, among: all)
        return try await omitted.available(missing, among: all.map(\.destination), atMost: limit)
    }

    private func missing(
        of candidates: [Candidate],
        _ arrivals: Arrivals,
        among all: [ImageBatch]
    ) async throws -> [BlobTransfer] {
        let known = Set(arrivals.arrived.map(\.repository))
        let new = try await newRepositories(
            for: candidates.lazy.map(\.transfer).filter { !known.contains($0.place.repository) }
        )
        let present = try await candidates.concurrentMap(atMost: limit) { candidate in
            let (blob, place) = (candidate.transfer.blob, candidate.place)
            if isSmall(candidate.transfer), new.contains(place.repository) { return false }
            return try await RelocationError.naming("blob \(blob.digest)", to: place.destination.name) {
                try await place.destination.contains(blob) ?? candidate.hasArrived
            }
        }
        let layers = Set(candidates.lazy.filter(\.transfer.isLayer).map(\.transfer.blob.digest))
        progress?.count(
            images: Set(all.lazy.flatMap(\.trees).map(\.reference)).count,
            layers: layers.subtracting(omitted.digests).count,
            present: zip(candidates, present).filter(\.1).byteTotal { $0.0.transfer.blob.size }
        )
        var transfers: [BlobTransfer] = []
        var positions: [Digest: Int] = [:]
        var holders: [Digest: [RegistryHost: Repository]] = [:]
        for (candidate, isPresent) in zip(candidates, present) where isPresent {
            let repository = candidate.place.repository
            holders[candidate.transfer.blob.digest, default: [:]][repository.registry] = repository
        }
        for (candidate, isPresent) in zip(candidates, present) where !isPresent {
            if let position = positions[candidate.transfer.blob.digest] {
                transfers[position].destinations.append(candidate.place)
            } else {
                positions[candidate.transfer.blob.digest] = transfers.count
                var transfer = candidate.transfer
                transfer.holders = holders[transfer.blob.digest] ?? [:]
                transfers.append(transfer)
            }
        }
        return transfers
    }

    /// What helps where a registry turns out to lack blobs.
    func cure(_ candidates: [Candidate], sent transfers: [BlobTransfer]) -> Cure {
        // The source doesn't have what is left out.
        Cure(candidates, without: omitted.digests, sent: transfers)
    }

    /// How many small blobs a repository is to get at least, for it to be asked whether it is new.
    private static let fewest = 16

    /// The repositories without an image, where many small blobs are to go: none of these is asked for one by one. A
    /// large blob is: it may have arrived before its image could.
    private func newRepositories(for candidates: some Sequence<BlobTransfer>) async throws -> Set<Repository> {
        var counts: [Repository: (place: BlobTransfer.Place, count: Int)] = [:]
        for transfer in candidates where isSmall(transfer) {
            counts[transfer.place.repository, default: (transfer.place, 0)].count += 1
        }
        let places = counts.values.filter { $0.count >= Self.fewest }.map(\.place)
        let answers = try await places.concurrentMap(atMost: limit) { place in
            try await place.destination.isRepositoryUnknown() ? place.repository : nil
        }
        return Set(answers.compactMap(\.self))
    }

    private func isSmall(_ transfer: BlobTransfer) -> Bool {
        transfer.blob.size < LargeTransfer.threshold && !omitted.digests.contains(transfer.blob.digest)
    }
}
