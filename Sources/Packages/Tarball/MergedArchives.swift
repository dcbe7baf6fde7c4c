import Algorithms
public import ContainerImage
public import ImageStore

/// Several packages as one: the images of all or some, with the layers of all.
public struct MergedArchives: Sendable {
    /// The packages whose images are in it.
    public let chosen: [ArchiveReader]
    /// The distinct images and indexes.
    public let trees: [ImageTree]
    /// The metadata of the chosen packages.
    public let metadata: PackageMetadata
    private let archives: [ArchiveReader]
    private let cut: CutLayers

    /// Creates what `archives` have together.
    ///
    /// Where some of them are deltas, it's the deltas that are made whole: the others give layers alone, unless
    /// `keepsAll`.
    ///
    /// - Throws: `ArchiveError.layersMissing` when none of them has a layer that is needed, `.filteredTwice` when an index
    ///   was filtered in two ways, `.otherVolumes` for volumes of several packages, unless `keepsAll`.
    public init(_ archives: [ArchiveReader], keepingAll keepsAll: Bool) throws(ArchiveError) {
        let volumes = archives.filter { $0.metadata.volume != nil }
        if !keepsAll, let first = volumes.first, let other = volumes.first(where: { !$0.isVolume(ofSameAs: first) }) {
            throw .otherVolumes(path: other.path, first: first.path)
        }
        self.archives = archives
        cut = CutLayers(archives)
        let deltas = archives.filter { $0.metadata.omitted != nil }
        chosen = deltas.isEmpty || keepsAll ? archives : deltas
        var seen: Set<DigestReference> = []
        var trees = ImageTree.joined(chosen.flatMap(\.trees))
        seen.formUnion(trees.map(\.reference))
        let includedNonDistributable = Set(
            chosen.flatMap(\.trees).flatMap(\.images).flatMap(\.includedNonDistributable)
        )
        trees.includeNonDistributable { includedNonDistributable.contains($0.digest) }
        self.trees = trees
        // Where the whole index is there, documents mean that one.
        let platformFilters = chosen.flatMap { $0.metadata.platformFilters ?? [] }.uniqued().filter {
            !seen.contains($0.index)
        }
        var filtered: Set<DigestReference> = []
        for platformFilter in platformFilters where !filtered.insert(platformFilter.index).inserted {
            throw .filteredTwice(platformFilter.index)
        }
        var metadata = PackageMetadata(
            names: Array(chosen.flatMap { $0.metadata.names ?? [] }.uniqued()),
            platformFilters: platformFilters,
            tags: Array(chosen.flatMap { $0.metadata.tags ?? [] }.uniqued())
        )
        metadata.note(absentFrom: trees)
        self.metadata = metadata
        let layers = trees.flatMap(\.images).flatMap(\.packagedLayers)
        let whole = cut
        let missing = Set(layers.map(\.digest)).filter { digest in
            !whole.contains(digest) && !archives.contains { $0.holds(digest) }
        }
        guard missing.isEmpty else {
            throw .layersMissing(missing.sorted(), volumes: Self.volumes(missing, of: archives))
        }
    }
}

extension MergedArchives {
    /// The numbers of the volumes that have `layers`, and aren't among `archives`.
    private static func volumes(_ layers: Set<Digest>, of archives: [ArchiveReader]) -> [Int] {
        let all = archives.compactMap { $0.metadata.unfinishedVolumes(lacking: layers) }
        return Set(all.flatMap(\.self)).subtracting(archives.compactMap(\.metadata.volume?.number)).sorted()
    }

    /// The packages that have a layer, or parts of one.
    package func paths(of layer: Digest) -> [String] {
        cut.paths(of: layer) ?? archives.first { $0.holds(layer) }.map { [$0.path] } ?? archives.map(\.path)
    }
}

extension MergedArchives: ImageSource {
    /// The packages' paths.
    public var name: String { archives.map(\.path).joined(separator: ", ") }

    /// A manifest of one of the packages.
    public func manifest(_ digest: Digest) async throws -> RawManifest {
        for archive in archives {
            if let manifest = try? await archive.manifest(digest) { return manifest }
        }
        throw ArchiveError.missingEntry(path: name, name: digest.description)
    }

    /// A config's or layer's bytes, from the first package that has them.
    public func content(of blob: Descriptor, from offset: Int64) async throws -> BlobBody {
        if let body = cut.content(of: blob.digest, from: offset) { return body }
        let holder = archives.first { $0.holds(blob.digest) } ?? archives.first
        guard let holder else { throw ArchiveError.missingEntry(path: name, name: blob.digest.description) }
        return try await holder.content(of: blob, from: offset)
    }
}
