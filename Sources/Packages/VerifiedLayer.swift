import ContainerImage
import ImageStore

/// A layer of a package whose bytes are verified elsewhere. It gives them as long as its file stays what it was.
struct VerifiedLayer: ImageSource {
    private let package: any ImagePackage
    private let state: FileState

    /// Creates a source of a layer whose verification began when the file was in `state`.
    init(of package: any ImagePackage, in state: FileState) {
        self.package = package
        self.state = state
    }

    var name: String { package.name }
    var isVerified: Bool { true }

    func manifest(_ digest: Digest) async throws -> RawManifest { try await package.manifest(digest) }

    func content(of blob: Descriptor, from offset: Int64) async throws -> BlobBody {
        // A layout's folder has a file for each layer: not all that were verified can be open.
        guard let place = try await package.place(of: blob) else {
            throw ArchiveError.missingEntry(path: package.path, name: package.entryName(of: blob))
        }
        try place.file.check(state, of: place.range, entry: place.name)
        return place.content(from: offset, in: state)
    }
}
