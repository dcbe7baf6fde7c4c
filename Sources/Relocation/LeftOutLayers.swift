public import ContainerImage
public import ImageStore

/// Layers that a package leaves out because the other side has them.
public struct LeftOutLayers: Sendable {
    /// The layers.
    public let digests: Set<Digest>
    /// A repository besides the destinations that may have them.
    public let base: (any ImageSource & ImageDestination)?

    /// Layers that are left out.
    public init(_ digests: Set<Digest>, base: (any ImageSource & ImageDestination)? = nil) {
        self.digests = digests
        self.base = base
    }

    /// The `shipments` with what is left out coming from the base.
    ///
    /// - Throws: `LeftOutLayersError` for those that neither their destination nor the base has.
    func completed(_ shipments: [Shipment], atMost limit: Int) async throws -> [Shipment] {
        let absent = shipments.filter { $0.isLayer && digests.contains($0.blob.digest) }
        guard !absent.isEmpty else { return shipments }
        let held = try await absent.concurrentMap(atMost: limit) { shipment in
            guard let base else { return false }
            return try await RelocationError.naming("blob \(shipment.blob.digest)", to: base.name) {
                try await base.contains(shipment.blob)
            }
        }
        let lacking = zip(absent, held).filter { !$1 }.map(\.0)
        guard lacking.isEmpty else { throw LeftOutLayersError(lacking, base: base?.name) }
        return shipments.map { shipment in
            guard let base, shipment.isLayer, digests.contains(shipment.blob.digest) else { return shipment }
            return Shipment(
                blob: shipment.blob,
                image: shipment.image,
                source: base,
                isLayer: false,
                destinations: shipment.destinations
            )
        }
    }
}

/// Layers that a package leaves out and that aren't where they are needed.
public struct LeftOutLayersError: Error, Sendable, CustomStringConvertible {
    /// The layers, with the image that has each, and where it is missing.
    private let lines: [String]
    private let base: String?

    init(_ shipments: [Shipment], base: String?) {
        lines = shipments.sorted { $0.blob.digest < $1.blob.digest }.map { shipment in
            let places = shipment.destinations.map(\.destination.name).joined(separator: ", ")
            return "\n- \(shipment.blob.digest) (\(shipment.blob.size) bytes) of \(shipment.image), not in \(places)"
        }
        self.base = base
    }

    /// Every layer that is missing, and what helps.
    public var description: String {
        "The package is a delta, and layers that it leaves out are missing"
            + (base.map { "; \($0) doesn't have them either" } ?? "")
            + ". Unpackage its base there first, name a repository that has them with --base-repository, "
            + "or make it whole with 'kbld package merge':" + lines.joined()
    }
}
