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
        let missing = try await missing(of: consignments)
        let shipments = try await shipments(of: missing, among: consignments, from: source)
        if let check { try await self.check(shipments.filter(\.isLayer), with: check) }
        try await send(shipments)
        try await push(missing)
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

    /// The distinct blobs of `consignments`, with the repositories that lack them.
    ///
    /// - Parameter all: Those too that lack nothing.
    func shipments(
        of consignments: [Consignment],
        among all: [Consignment],
        from source: @Sendable (Repository) -> any ImageSource
    ) async throws -> [Shipment] {
        var candidates: [Shipment] = []
        for consignment in consignments {
            var seen: Set<Digest> = []
            let place = Shipment.Place(repository: consignment.repository, destination: consignment.destination)
            for leaf in consignment.trees.flatMap(\.images) {
                let image = leaf.reference.repository
                let store = source(image)
                for layer in leaf.carriedLayers where seen.insert(layer.digest).inserted {
                    candidates.append(
                        Shipment(blob: layer, image: image, source: store, isLayer: true, destinations: [place])
                    )
                }
                let config = leaf.parsed.config
                guard seen.insert(config.digest).inserted else { continue }
                let bytes = MemorySource(bytes: ByteBuffer(bytes: leaf.config), name: store.name, origin: store.origin)
                candidates.append(
                    Shipment(blob: config, image: image, source: bytes, isLayer: false, destinations: [place])
                )
            }
        }
        let new = try await newRepositories(for: candidates)
        let present = try await candidates.concurrentMap(atMost: limit) { candidate in
            if isSmall(candidate), new.contains(candidate.destinations[0].repository) { return false }
            let destination = candidate.destinations[0].destination
            return try await RelocationError.naming("blob \(candidate.blob.digest)", to: destination.name) {
                try await destination.contains(candidate.blob)
            }
        }
        var shipments: [Shipment] = []
        var positions: [Digest: Int] = [:]
        for (candidate, isPresent) in zip(candidates, present) where !isPresent {
            if let position = positions[candidate.blob.digest] {
                shipments[position].destinations += candidate.destinations
            } else {
                positions[candidate.blob.digest] = shipments.count
                shipments.append(candidate)
            }
        }
        return try await leftOut.completed(shipments, among: all.map(\.destination), atMost: limit)
    }

    /// How many small blobs a repository is to get at least, for it to be asked whether it is new.
    private static let fewest = 16

    /// The repositories without an image, where many small blobs are to go: none of these is asked for one by one. A
    /// large blob is: it may have arrived before its image could.
    private func newRepositories(for candidates: [Shipment]) async throws -> Set<Repository> {
        let places = Dictionary(grouping: candidates.filter(isSmall).map { $0.destinations[0] }, by: \.repository)
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
