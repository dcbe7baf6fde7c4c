public import ContainerImage
public import ImageStore
import NIOCore

/// Copies images into repositories under the same digests: what is missing there, each blob once, manifests after
/// all that they refer to (FORMAT "Reading").
public struct ImageRelocation: Sendable {
    let limit: Int
    let progress: TransferProgress?
    private let leftOut: LeftOutLayers
    private let check: Check?

    /// Makes sure of a layer's bytes; the item counts them.
    public typealias Check = @Sendable (Descriptor, _ item: TransferProgress.Item?) async throws -> Void

    /// A relocation.
    ///
    /// - Parameters:
    ///   - limit: How many transfers are under way at once.
    ///   - progress: Counts blobs, bytes and manifests.
    ///   - leftOut: Layers that the source doesn't have.
    ///   - check: Called for each layer that will be uploaded, before anything is; throws when its bytes are bad.
    public init(
        atMost limit: Int,
        progress: TransferProgress? = nil,
        leavingOut leftOut: LeftOutLayers = LeftOutLayers([]),
        checking check: Check? = nil
    ) {
        self.limit = limit
        self.progress = progress
        self.leftOut = leftOut
        self.check = check
    }

    /// Copies all of `consignments`.
    ///
    /// - Parameter source: Gives the store that has what is in a repository.
    /// - Throws: `RelocationError` naming the image or blob. Images are then not all there; those that are, are whole.
    public func copy(
        _ consignments: [Consignment],
        from source: @escaping @Sendable (Repository) -> any ImageSource
    ) async throws {
        let arrivals = try await arrivals(of: consignments)
        let candidates = candidates(arrivals, from: source)
        let shipments = try await shipments(of: candidates, arrivals, among: consignments)
        let lost = try await lostManifests(below: arrivals.arrived)
        if let check { try await self.check(shipments.filter(\.isLayer), with: check) }
        try await send(shipments)
        try await push(arrivals.fresh, lost, curing: cure(candidates, sent: shipments))
        try await tag(consignments)
    }

    private func check(_ layers: [Shipment], with check: @escaping Check) async throws {
        progress?.enter(.check, items: layers.count, bytes: layers.byteTotal(\.blob.size))
        // Hashing keeps a processor busy.
        try await layers.concurrentForEach(atMost: min(limit, System.coreCount)) { layer in
            let item = progress?.begin(layer.image.path, bytes: layer.blob.size)
            try await check(layer.blob, item)
            item?.finish()
        }
    }

    func send(_ shipments: [Shipment]) async throws {
        progress?.enter(.copy, items: shipments.count, bytes: shipments.byteTotal(\.blob.size))
        try await shipments.concurrentForEach(atMost: limit, sizedBy: \.blob.size) { shipment in
            let item = progress?.begin(shipment.image.path, bytes: shipment.blob.size)
            try await shipment.send(counting: item)
            item?.finish()
        }
    }

    /// A blob that may have to be sent.
    struct Candidate: Sendable {
        var shipment: Shipment
        /// Whether an image with it arrived already.
        var hasArrived: Bool
        var place: Shipment.Place { shipment.place }
    }

    /// The distinct blobs of all images, once for each repository that they are to be in.
    func candidates(_ arrivals: Arrivals, from source: @Sendable (Repository) -> any ImageSource) -> [Candidate] {
        struct Key: Hashable {
            var repository: Repository
            var digest: Digest
        }
        var candidates: [Candidate] = []
        var seen: Set<Key> = []
        func add(_ consignments: [Consignment], hasArrived: Bool) {
            for consignment in consignments {
                for leaf in consignment.trees.flatMap(\.images) {
                    let image = leaf.reference.repository
                    let store = source(image)
                    func add(_ blob: Descriptor, from source: any ImageSource, isLayer: Bool) {
                        guard seen.insert(Key(repository: consignment.repository, digest: blob.digest)).inserted else {
                            return
                        }
                        let shipment = Shipment(
                            blob: blob,
                            image: image,
                            source: source,
                            isLayer: isLayer,
                            destinations: [consignment.place]
                        )
                        candidates.append(Candidate(shipment: shipment, hasArrived: hasArrived))
                    }
                    for layer in leaf.carriedLayers { add(layer, from: store, isLayer: true) }
                    let bytes = ByteBuffer(bytes: leaf.config)
                    let config = MemorySource(bytes: bytes, name: store.name, origin: store.origin)
                    add(leaf.parsed.config, from: config, isLayer: false)
                }
            }
        }
        add(arrivals.fresh, hasArrived: false)
        add(arrivals.arrived, hasArrived: true)
        return candidates
    }

    /// The distinct blobs among `candidates` that are missing, with the repositories that lack them. A repository that has
    /// lost a blob of an image which arrived lacks it, too; one that doesn't tell has it if the image arrived.
    func shipments(
        of candidates: [Candidate],
        _ arrivals: Arrivals,
        among all: [Consignment]
    ) async throws -> [Shipment] {
        let known = Set(arrivals.arrived.map(\.repository))
        let new = try await newRepositories(
            for: candidates.map(\.shipment).filter { !known.contains($0.place.repository) }
        )
        let present = try await candidates.concurrentMap(atMost: limit) { candidate in
            let (blob, place) = (candidate.shipment.blob, candidate.place)
            if isSmall(candidate.shipment), new.contains(place.repository) { return false }
            return try await RelocationError.naming("blob \(blob.digest)", to: place.destination.name) {
                try await place.destination.contains(blob) ?? candidate.hasArrived
            }
        }
        var shipments: [Shipment] = []
        var positions: [Digest: Int] = [:]
        for (candidate, isPresent) in zip(candidates, present) where !isPresent {
            if let position = positions[candidate.shipment.blob.digest] {
                shipments[position].destinations.append(candidate.place)
            } else {
                positions[candidate.shipment.blob.digest] = shipments.count
                shipments.append(candidate.shipment)
            }
        }
        return try await leftOut.completed(shipments, among: all.map(\.destination), atMost: limit)
    }

    /// What helps where a registry turns out to lack blobs.
    func cure(_ candidates: [Candidate], sent shipments: [Shipment]) -> Cure {
        // The source doesn't have what is left out.
        Cure(candidates.map(\.shipment).filter { !leftOut.digests.contains($0.blob.digest) }, sent: shipments)
    }

    /// How many small blobs a repository is to get at least, for it to be asked whether it is new.
    private static let fewest = 16

    /// The repositories without an image, where many small blobs are to go: none of these is asked for one by one. A
    /// large blob is: it may have arrived before its image could.
    private func newRepositories(for candidates: [Shipment]) async throws -> Set<Repository> {
        let places = Dictionary(grouping: candidates.filter(isSmall).map(\.place), by: \.repository)
            .values.filter { $0.count >= Self.fewest }.map { $0[0] }
        let answers = try await places.concurrentMap(atMost: limit) { place in
            try await place.destination.isKnownToBeNew() ? place.repository : nil
        }
        return Set(answers.compactMap(\.self))
    }

    private func isSmall(_ shipment: Shipment) -> Bool {
        shipment.blob.size < LargeTransfer.threshold && !leftOut.digests.contains(shipment.blob.digest)
    }
}
