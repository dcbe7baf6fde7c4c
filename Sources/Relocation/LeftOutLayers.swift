public import ContainerImage
public import ImageStore

/// Layers that a package leaves out because the other side has them.
public struct LeftOutLayers: Sendable {
    /// The layers.
    public let digests: Set<Digest>
    /// Repositories besides the destinations that may have them.
    public let bases: [any ImageSource & ImageDestination]

    /// Layers that are left out.
    public init(_ digests: Set<Digest>, bases: [any ImageSource & ImageDestination] = []) {
        self.digests = digests
        self.bases = bases
    }

    /// The `shipments` with what is left out coming from a base, or from another of the `destinations`.
    ///
    /// - Throws: `LeftOutLayersError` for those that none of these has.
    func completed(
        _ shipments: [Shipment],
        among destinations: [any ImageDestination],
        atMost limit: Int
    ) async throws -> [Shipment] {
        let absent = shipments.filter { $0.isLayer && digests.contains($0.blob.digest) }
        guard !absent.isEmpty else { return shipments }
        let stores = bases + destinations.compactMap { $0 as? any ImageSource & ImageDestination }
        let sources = try await absent.concurrentMap(atMost: limit) { shipment in
            // Those where it is to go were asked before.
            let lacking = Set(shipment.destinations.map(\.repository))
            return try await store(
                of: shipment.blob,
                among: stores.filter { store in store.origin.map { !lacking.contains($0) } ?? true }
            )
        }
        let lacking = zip(absent, sources).filter { $1 == nil }.map(\.0)
        guard lacking.isEmpty else { throw LeftOutLayersError(lacking, bases: bases.map(\.name)) }
        let found = Dictionary(zip(absent.map(\.blob.digest), sources.compactMap(\.self))) { first, _ in first }
        return shipments.map { shipment in
            guard shipment.isLayer, let source = found[shipment.blob.digest] else { return shipment }
            return Shipment(
                blob: shipment.blob,
                image: shipment.image,
                source: source,
                isLayer: false,
                destinations: shipment.destinations
            )
        }
    }

    private func store(
        of blob: Descriptor,
        among stores: [any ImageSource & ImageDestination]
    ) async throws -> (any ImageSource & ImageDestination)? {
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
public struct LeftOutLayersError: Error, Sendable, CustomStringConvertible {
    /// The layers, with the image that has each, and where it is missing.
    private let layers: [String]
    private let bases: [String]

    init(_ shipments: [Shipment], bases: [String]) {
        layers = shipments.sorted { $0.blob.digest < $1.blob.digest }.map { shipment in
            let places = shipment.destinations.map(\.destination.name).joined(separator: ", ")
            return "\n- \(shipment.blob.digest) (\(shipment.blob.size) bytes) of \(shipment.image), not in \(places)"
        }
        self.bases = bases
    }

    /// Every layer that is missing, and what helps.
    public var description: String {
        "The package is a delta, and layers that it leaves out are missing"
            + (bases.isEmpty ? "" : "; \(bases.joined(separator: ", ")) doesn't have them either")
            + ". Unpackage its base there first, name a repository that has them with --base-repository, "
            + "or make it whole with 'kbld package merge':" + layers.joined()
    }
}

extension LeftOutLayersError: MultilineError {
    /// What is wrong, and a line for each layer.
    public var lines: [String] { description.split(separator: "\n").map(String.init) }
}
