import ContainerImage
import ImageStore
import Packages

/// Packages as one source: each layer is that of the package that has it.
struct JoinedPackages: ImageSource {
    private let holders: [Digest: AnyPackage]

    /// Joins packages.
    init(_ packages: [AnyPackage]) {
        var holders: [Digest: AnyPackage] = [:]
        for package in packages {
            for layer in package.heldLayers where holders[layer.digest] == nil { holders[layer.digest] = package }
        }
        self.holders = holders
    }

    var name: String { "the packages" }

    func manifest(_ digest: Digest) async throws -> RawManifest {
        throw BlobError.tooShort(digest, expected: 1, received: 0)
    }

    func content(of blob: Descriptor, from offset: Int64) async throws -> BlobBody {
        guard let package = holders[blob.digest] else {
            throw BlobError.tooShort(blob.digest, expected: blob.size, received: 0)
        }
        return try await package.content(of: blob, from: offset)
    }
}
