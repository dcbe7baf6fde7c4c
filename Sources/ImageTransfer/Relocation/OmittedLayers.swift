public import ContainerImage
public import ImageStore

/// Layers that a package leaves out because the other side has them.
public struct OmittedLayers: Sendable {
    /// The layers.
    public let digests: Set<Digest>
    /// Repositories, other than the destinations, that may have them.
    public let bases: [any ImageRepository]

    /// Creates a set of omitted layers.
    public init(_ digests: Set<Digest>, bases: [any ImageRepository] = []) {
        self.digests = digests
        self.bases = bases
    }

    /// Those of `transfers` that can be done, as ``completed(_:among:atMost:)`` has them, and what none of the stores has.
    func available(
        _ transfers: [BlobTransfer],
        among destinations: [any ImageRepository],
        atMost limit: Int
    ) async throws -> (transfers: [BlobTransfer], lacking: [BlobTransfer]) {
        let absent = transfers.filter { $0.isLayer && digests.contains($0.blob.digest) }
        guard !absent.isEmpty else { return (transfers, []) }
        let stores = bases + destinations
        let sources = try await absent.concurrentMap(atMost: limit) { transfer in
            // Those where it is to go were asked before.
            let lacking = Set(transfer.destinations.map(\.repository))
            return try await store(
                of: transfer.blob,
                among: stores.filter { !lacking.contains($0.repository) }
            )
        }
        let lacking = zip(absent, sources).filter { $1 == nil }.map(\.0)
        let unknown = Set(lacking.map(\.blob.digest))
        let found = Dictionary(
            zip(absent, sources).compactMap { transfer, source in source.map { (transfer.blob.digest, $0) } }
        ) {
            first,
            _ in first
        }
        let available = transfers.compactMap { transfer -> BlobTransfer? in
            guard transfer.isLayer, !unknown.contains(transfer.blob.digest) || !digests.contains(transfer.blob.digest)
            else { return transfer.isLayer ? nil : transfer }
            guard let source = found[transfer.blob.digest] else { return transfer }
            return BlobTransfer(
                blob: transfer.blob,
                image: transfer.image,
                source: source,
                isLayer: false,
                destinations: transfer.destinations,
                holders: transfer.holders
            )
        }
        return (available, lacking)
    }

    /// The `transfers` with what is left out coming from a base, or from another of the `destinations`.
    ///
    /// - Throws: `OmittedLayersError` for those that none of these has.
    func completed(
        _ transfers: [BlobTransfer],
        among destinations: [any ImageRepository],
        atMost limit: Int
    ) async throws -> [BlobTransfer] {
        let (available, lacking) = try await available(transfers, among: destinations, atMost: limit)
        guard lacking.isEmpty else { throw OmittedLayersError(lacking, bases: bases.map(\.name)) }
        return available
    }

    private func store(
        of blob: Descriptor,
        among stores: [any ImageRepository]
    ) async throws -> (any ImageRepository)? {
        for store in stores {
            let isThere = try await RelocationError.naming("blob \(blob.digest)", to: store.name) {
                try await store.contains(blob) == true
            }
            if isThere { return store }
        }
        return nil
    }
}

/// Layers that a package leaves out and that aren't where they are needed.
public struct OmittedLayersError: MultilineError, Sendable {
    /// The layers, with the image that has each, and where it is missing.
    private let layers: [String]
    private let bases: [String]

    init(_ transfers: [BlobTransfer], bases: [String]) {
        layers = transfers.sorted { $0.blob.digest < $1.blob.digest }.map { transfer in
            let places = transfer.destinations.map(\.destination.name).joined(separator: ", ")
            return "- \(transfer.blob.digest) (\(ByteCount(transfer.blob.size))) of \(transfer.image), not in \(places)"
        }
        self.bases = bases
    }

    /// What is wrong and what helps, and a line for each layer.
    public var lines: [HintedText] {
        let others = bases.isEmpty ? "" : "; \(bases.joined(separator: ", ")) doesn't have them either"
        let heading: HintedText =
            "The package is a delta, and layers that it omits are missing\(others). Unpackage its base there first"
            + "\(hint: .nameBase, after: ", ")\(hint: .mergeDelta, after: ", or "):"
        return [heading] + layers.map { HintedText($0) }
    }
}
