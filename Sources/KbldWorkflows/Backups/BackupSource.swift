import ContainerImage
import ImageStore
import Packages

/// A backup with the layers that it omits, from those beside it.
struct BackupSource: ImageSource {
    let package: AnyPackage
    private let holders: [Digest: AnyPackage]

    var name: String { package.path }

    /// Opens the backup at `path`, and of the others those that have what it omits, the latest first.
    ///
    /// - Throws: `BackupError.layersMissing`.
    init(_ path: String, among others: [String]) async throws {
        package = try await AnyPackage(path: path)
        var wanted = package.metadata.omittedDigests
        var holders: [Digest: AnyPackage] = [:]
        for other in others where !wanted.isEmpty && other != path {
            guard let former = try? await AnyPackage(path: other) else { continue }
            for layer in former.heldLayers where wanted.remove(layer.digest) != nil { holders[layer.digest] = former }
        }
        guard wanted.isEmpty else { throw BackupError.layersMissing(path, wanted.sorted()) }
        self.holders = holders
    }

    func manifest(_ digest: Digest) async throws -> RawManifest { try await package.manifest(digest) }

    func content(of blob: Descriptor, from offset: Int64) async throws -> BlobBody {
        try await (holders[blob.digest] ?? package).content(of: blob, from: offset)
    }

    func check(of layer: Descriptor) async throws -> BlobCheck {
        try await (holders[layer.digest] ?? package).check(of: layer)
    }
}
