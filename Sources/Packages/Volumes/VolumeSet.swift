import ContainerImage
import ImageStore

/// Some volumes of a package, or all of them, as one.
struct VolumeSet: ImagePackage {
    /// All files, as they were given.
    let given: [ArchiveReader]
    /// The volumes, each once, in order.
    let archives: [ArchiveReader]
    let metadata: PackageMetadata
    private let cut: CutLayers

    /// Puts volumes together, in any order; one that is given twice counts once.
    ///
    /// - Throws: `ArchiveError.noVolume` and `.otherVolumes` naming the file.
    init(_ given: [ArchiveReader]) throws(ArchiveError) {
        var archives: [Int: ArchiveReader] = [:]
        let first = given.first
        for archive in given {
            guard let volume = archive.metadata.volume else { throw .noVolume(path: archive.path) }
            guard let first, archive.isVolume(ofSameAs: first) else {
                throw .otherVolumes(path: archive.path, first: first?.path ?? "")
            }
            if archives[volume.number] == nil { archives[volume.number] = archive }
        }
        self.given = given
        self.archives = archives.sorted { $0.key < $1.key }.map(\.value)
        cut = CutLayers(self.archives)
        var metadata = first?.metadata ?? PackageMetadata()
        let held = cut
        metadata.omitted = metadata.omitted?.filter { layer in
            !held.contains(layer.digest) && !archives.values.contains { $0.holds(layer.digest) }
        }
        self.metadata = metadata
    }

    var path: String { archives.map(\.path).joined(separator: ", ") }
    var format: PackageFormat { .kbld }
    var trees: [ImageTree] { archives.first?.trees ?? [] }
    var names: [ImageReference: Digest] { archives.first?.names ?? [:] }

    func manifest(_ digest: Digest) async throws -> RawManifest {
        guard let first = archives.first else { throw ArchiveError.missingEntry(path: path, name: "\(digest)") }
        return try await first.manifest(digest)
    }

    func content(of blob: Descriptor, from offset: Int64) async throws -> BlobBody {
        if let body = cut.content(of: blob.digest, from: offset) { return body }
        guard let holder = archives.first(where: { $0.holds(blob.digest) }) ?? archives.first else {
            throw ArchiveError.missingEntry(path: path, name: "\(blob.digest)")
        }
        return try await holder.content(of: blob, from: offset)
    }

    func place(of layer: Descriptor) -> FileSlice? {
        archives.lazy.compactMap { $0.place(of: layer) }.first
    }

    func path(of layer: Descriptor) -> String {
        let holder = archives.first { $0.holds(layer.digest) }.map { [$0.path] }
        return (cut.paths(of: layer.digest) ?? holder)?.joined(separator: ", ") ?? path
    }

    func entryName(of layer: Descriptor) -> String { ArchivePlan.entryName(of: layer.digest) }
}

extension ArchiveReader {
    /// Whether two volumes are of one package.
    func isVolume(ofSameAs other: ArchiveReader) -> Bool {
        guard let volume = metadata.volume, let expected = other.metadata.volume else { return false }
        return volume.count == expected.count && volume.cut == expected.cut
            && manifestDigests == other.manifestDigests && metadata.onImages == other.metadata.onImages
    }

    /// What the package has, whatever of its layers.
    private var manifestDigests: Set<DigestReference> { Set(trees.flatMap(\.all).map(\.reference)) }
}
