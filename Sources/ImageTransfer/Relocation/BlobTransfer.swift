import ContainerImage
import ImageStore

/// A blob on its way to all repositories that lack it.
struct BlobTransfer: Sendable {
    let blob: Descriptor
    /// The repository of an image that it belongs to.
    let image: Repository
    var source: any ImageSource
    let isLayer: Bool
    /// The repositories that lack it.
    var destinations: [Place]

    /// A repository that takes blobs.
    struct Place: Sendable {
        let destination: any ImageRepository
        var repository: Repository { destination.repository }
    }

    /// A repository of a registry that has it already: the registry's others may take it over from there.
    var holders: [RegistryHost: Repository] = [:]

    /// The first of the repositories.
    var place: Place { destinations[0] }

    /// How many bytes it has in all repositories where it is to go.
    var destinationBytes: Int64 { destinations.byteTotal { _ in blob.size } }

    /// Sends the blob to one repository of each registry; the registry's others take it over from there.
    ///
    /// - Parameter progress: Counts it once for each repository.
    func send(counting progress: TransferProgress?) async throws {
        try await send(counting: progress) { place, source, item in
            try await upload(to: place, from: source, counting: item)
        }
    }

    /// Sends the blob; `first` brings it from a source to the first repository of each registry.
    func send(
        from source: (any ImageSource)? = nil,
        counting progress: TransferProgress?,
        _ first: @escaping @Sendable (Place, any ImageSource, TransferProgress.Item?) async throws -> Void
    ) async throws {
        let source = source ?? self.source
        let registries = Dictionary(grouping: destinations, by: \.repository.registry)
        try await Array(registries).concurrentForEach(atMost: registries.count) { registry, places in
            for (number, place) in places.enumerated() {
                let item = progress?.begin(image.path, bytes: blob.size)
                if number == 0 {
                    try await first(place, mountable(source, at: registry), item)
                } else {
                    try await upload(to: place, from: places[0].destination, counting: item)
                }
                item?.finish()
            }
        }
    }

    /// `source`, or what it gives with the registry's own repository as where it can be taken over from.
    private func mountable(_ source: any ImageSource, at registry: RegistryHost) -> any ImageSource {
        guard source.origin?.registry != registry, let holder = holders[registry] else { return source }
        return MountableSource(base: source, origin: holder)
    }

    func upload(to place: Place, from source: any ImageSource, counting item: TransferProgress.Item?) async throws {
        try await RelocationError.naming("blob \(blob.digest) of \(source.name)", to: place.destination.name) {
            try await source.rereading(blob) {
                try await place.destination.upload(blob, from: source, counting: item)
            }
        }
    }
}

/// A source whose bytes another repository has as well.
private struct MountableSource: ImageSource {
    let base: any ImageSource
    let origin: Repository?

    var name: String { base.name }
    var isRepeatable: Bool { base.isRepeatable }
    var isVerified: Bool { base.isVerified }

    func manifest(_ digest: Digest) async throws -> RawManifest { try await base.manifest(digest) }

    func content(of blob: Descriptor, from offset: Int64) async throws -> BlobBody {
        try await base.content(of: blob, from: offset)
    }

    func passOverGiver(of blob: Digest) -> Bool { base.passOverGiver(of: blob) }
}
