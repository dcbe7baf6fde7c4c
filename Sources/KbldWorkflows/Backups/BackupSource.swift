import ContainerImage
import ImageStore
import Packages

/// A backup with the layers that it omits, from those beside it.
struct BackupSource: ImageSource {
    let package: AnyPackage
    let holders: [Digest: AnyPackage]

    var name: String { package.path }

    /// Opens the backup at `path`, and of the others those that have what it omits, the latest first.
    ///
    /// - Throws: `BackupError.layersMissing`.
    init(_ path: String, among others: [String]) async throws {
        package = try await BackupFolder.open(path)
        var wanted = package.metadata.omittedDigests
        var holders: [Digest: AnyPackage] = [:]
        var unreadable: [String] = []
        for other in others where !wanted.isEmpty && other != path {
            let former: AnyPackage
            do {
                former = try await BackupFolder.open(other)
            } catch {
                if error is CancellationError || Task.isCancelled { throw error }
                unreadable.append(other)
                continue
            }
            for layer in former.heldLayers where wanted.remove(layer.digest) != nil { holders[layer.digest] = former }
        }
        guard wanted.isEmpty else { throw BackupError.layersMissing(path, wanted.sorted(), unreadable: unreadable) }
        self.holders = holders
    }

    /// The layers that it has, itself or from others.
    var layers: Set<Digest> { Set(package.heldLayers.map(\.digest)).union(holders.keys) }

    func manifest(_ digest: Digest) async throws -> RawManifest { try await package.manifest(digest) }

    func content(of blob: Descriptor, from offset: Int64) async throws -> BlobBody {
        try await (holders[blob.digest] ?? package).content(of: blob, from: offset)
    }

    func check(of layer: Descriptor) async throws -> BlobCheck {
        try await (holders[layer.digest] ?? package).check(of: layer)
    }
}
