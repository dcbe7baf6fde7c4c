public import ContainerImage
public import ImageStore
import ImageTransfer

/// Where a mirror's state is: in the target repository under the tag `kbld-mirror-state`, or, where the target is a
/// registry, in a repository of that name.
public struct MirrorStateStore: Sendable {
    private let repository: any ImageRepository
    /// Where the state is.
    public let reference: ImageReference

    /// The tag, and the repository where the target has none.
    public static let name = "kbld-mirror-state"
    static let mediaType = MediaType("application/vnd.carvel.kbld.mirror-state.v1+json")
    private static let limit: Int64 = 64 << 20

    /// Creates the place of the state of `document`.
    ///
    /// - Throws: `ReferenceError`, which no registry gives cause for.
    public init(_ document: MirrorDocument, in registry: any ImageRegistry) throws(ReferenceError) {
        let root = document.target
        let name: Repository
        if let repository = root.repository {
            name = repository
        } else {
            name = try Repository("\(root.registry)/\(Self.name)")
        }
        repository = registry.repository(name)
        reference = .tag(name, try Tag(Self.name))
    }

    /// Reads the state; that of nothing where there is none.
    ///
    /// - Throws: `MirrorStateError`, and what the registry gives cause for.
    public func read() async throws -> MirrorState {
        guard case .tag(_, let tag) = reference else { return MirrorState() }
        let found: Descriptor?
        do {
            found = try await repository.descriptor(of: tag)
        } catch let error as any StoreError where error.mayMeanAbsence {
            return MirrorState()
        }
        guard let found else { return MirrorState() }
        guard case .image(let manifest) = try await repository.manifest(found.digest).parsed(),
            let layer = manifest.layers.first, layer.mediaType == Self.mediaType
        else { throw MirrorStateError(reason: "\(reference) is something else") }
        return try MirrorState(decoding: try await repository.bytes(of: layer, limit: Self.limit))
    }

    /// Writes the state.
    public func write(_ state: MirrorState) async throws {
        guard case .tag(_, let tag) = reference else { return }
        let config = try await repository.upload(Array("{}".utf8), as: .emptyJSON)
        let layer = try await repository.upload(try state.encoded(), as: Self.mediaType)
        let manifest = try RawManifest(config: config, layers: [layer], artifactType: Self.mediaType.text)
        try await repository.push(manifest, tag: tag)
    }
}
