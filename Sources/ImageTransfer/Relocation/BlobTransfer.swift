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

    /// The first of the repositories.
    var place: Place { destinations[0] }

    /// Sends the blob to one repository of each registry; the registry's others take it over from there.
    func send(counting item: TransferProgress.Item?) async throws {
        try await send(counting: item) { place, item in
            try await upload(to: place, from: source, counting: item)
        }
    }

    /// Sends the blob; `first` brings it to the first repository of each registry.
    func send(
        counting item: TransferProgress.Item?,
        _ first: @escaping @Sendable (Place, TransferProgress.Item?) async throws -> Void
    ) async throws {
        let registries = Dictionary(grouping: destinations, by: \.repository.registry)
        try await Array(registries.values.enumerated()).concurrentForEach(atMost: registries.count) { number, places in
            guard let head = places.first else { return }
            try await first(head, number == 0 ? item : nil)
            for place in places.dropFirst() {
                try await upload(to: place, from: head.destination, counting: nil)
            }
        }
    }

    func upload(to place: Place, from source: any ImageSource, counting item: TransferProgress.Item?) async throws {
        try await RelocationError.naming("blob \(blob.digest) of \(source.name)", to: place.destination.name) {
            try await place.destination.upload(blob, from: source, counting: item)
        }
    }
}
