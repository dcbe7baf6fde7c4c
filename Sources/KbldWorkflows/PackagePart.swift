public import ContainerImage
import ImageStore
import ImageTransfer
import Packages
public import ReferenceChecks

/// Which part of a package is meant. As it is created, that is all of it.
public struct PackagePart: Sendable {
    /// The platforms that are taken of indexes; empty for all.
    public var platforms: [Platform] = []
    /// Whether indexes of which less is taken keep their bytes, and so their digests.
    public var isSparse = false
    /// Whether an index that has none of the platforms is taken whole, instead of being refused.
    public var allowsMissingPlatform = false
    /// What the names of images are like; empty for all.
    public var names: [NamePattern] = []
    /// Whether images that documents don't name are left.
    public var isOfDocuments = false
    /// Whether indexes of which images are missing are refused.
    public var isWhole = false

    /// Creates the part that is all of it.
    public init() {}

    /// What was taken of a package.
    struct Taken: Sendable {
        /// The images.
        var trees: [ImageTree]
        /// What is to be said of them.
        var metadata: PackageMetadata
        /// What is different from what was asked for, a line for each.
        var remarks: [HintedText] = []

        /// Those of `references` whose images are taken, perhaps by the digest of less of them.
        func taken(of references: some Sequence<DigestReference>) -> [DigestReference] {
            let digests = Set(trees.flatMap(\.all).map(\.manifest.digest))
            let filters = metadata.platformFilters ?? []
            let filtered = Dictionary(filters.map { ($0.index, $0.filtered) }) { first, _ in first }
            return references.filter { digests.contains((filtered[$0] ?? $0).digest) }
        }
    }

    /// Takes the part of `package`.
    func taken(from package: some ImagePackage) async throws -> Taken {
        try await taken(
            from: package.trees.filter { $0.isComplete || !$0.images.isEmpty },
            metadata: package.metadata,
            names: package.names,
            at: package.path
        )
    }

    /// Takes the part of `trees`.
    ///
    /// - Parameters:
    ///   - metadata: What the package says of them.
    ///   - names: Further names that the package records.
    ///   - wanted: The images that documents name.
    ///   - path: Where the package is.
    /// - Throws: `PackagePartError` for names that no image has, and where images of an index are missing that may not be;
    ///   `PlatformFilterError` where nothing of an index fits.
    func taken(
        from trees: [ImageTree],
        metadata: PackageMetadata,
        names recorded: [ImageReference: Digest],
        wanted: Set<Digest> = [],
        at path: String
    ) async throws -> Taken {
        if isWhole, let tree = trees.first(where: { !$0.isComplete }) {
            throw PackagePartError.sparse(tree.reference, path, absent: PackageFormatLog.absent(tree))
        }
        let isAll = platforms.isEmpty && names.isEmpty && !isOfDocuments
        if isAll {
            var metadata = metadata
            metadata.note(absentFrom: trees)
            return Taken(trees: trees, metadata: metadata)
        }
        let companions = PackageCompanions(trees, metadata)
        let chosen = try chosen(of: trees, companions, recorded, wanted, metadata, path)
        var selection = ArtifactSelection()
        selection.platforms = platforms
        selection.isSparse = isSparse
        selection.allowsMissingPlatform = allowsMissingPlatform
        let (primary, attached) = (chosen.filter { !companions.contains($0) }, chosen.filter(companions.contains))
        let filtered = try await selection.filter(primary, at: path)
        let all = companions.following(filtered.trees + attached)
        let lines = filtered.platformFilters.flatMap { filter in
            ArtifactSelection.lines(on: filter, losesReferrers: companions.isAttached(to: filter.index.digest))
        }
        var taken = Taken(trees: all, metadata: metadata, remarks: lines + filtered.remarks)
        taken.metadata.keep(all, filtered: filtered.platformFilters)
        return taken
    }

    /// The images by name, those of the documents, or both.
    private func chosen(
        of trees: [ImageTree],
        _ companions: PackageCompanions,
        _ recorded: [ImageReference: Digest],
        _ wanted: Set<Digest>,
        _ metadata: PackageMetadata,
        _ path: String
    ) throws(PackagePartError) -> [ImageTree] {
        guard isOfDocuments || !names.isEmpty else { return trees.filter { !companions.contains($0) } }
        let replaced = Set(
            (metadata.platformFilters ?? []).filter { wanted.contains($0.index.digest) }.map(\.filtered.digest)
        )
        var chosen = trees.map { tree in
            isOfDocuments && (wanted.contains(tree.manifest.digest) || replaced.contains(tree.manifest.digest))
        }
        for pattern in names {
            let found = trees.map { Self.names(of: $0, recorded, metadata).contains(where: pattern.matches) }
            guard found.contains(true) else {
                throw .noImage(pattern.text, path, trees.filter { !companions.contains($0) }.map(\.reference))
            }
            chosen = zip(chosen, found).map { $0 || $1 }
        }
        return zip(trees, chosen).filter(\.1).map(\.0)
    }

    /// All that `tree` may be called: with its host and without the beginning of its path, by digest, by tag, and bare.
    static func names(
        of tree: ImageTree,
        _ recorded: [ImageReference: Digest],
        _ metadata: PackageMetadata
    ) -> [String] {
        let (reference, digest) = (tree.reference, tree.manifest.digest)
        var repositories = [reference.repository]
        var tags: [Tag] = []
        for (name, named) in recorded where named == digest {
            repositories.append(name.repository)
            if case .tag(_, let tag) = name { tags.append(tag) }
        }
        tags += (metadata.tags ?? []).filter { $0.image == reference }.map(\.tag)
        let digests =
            [digest] + (metadata.platformFilters ?? []).filter { $0.filtered == reference }.map(\.index.digest)
        return ImageNames.all(in: repositories, tags: tags, digests: digests)
    }
}

/// A part that a package doesn't have.
enum PackagePartError: Error, Sendable, CustomStringConvertible {
    /// No image has such a name.
    case noImage(String, String, [DigestReference])
    /// Images of an index are missing.
    case sparse(DigestReference, String, absent: String)

    /// What there isn't, and what there is.
    var description: String {
        switch self {
        case .noImage(let pattern, let path, let references):
            "'\(path)' has no image that matches '\(pattern)'; it has "
                + (references.isEmpty
                    ? "none" : Set(references.map(\.repository.description)).sorted().joined(separator: ", "))
        case .sparse(let reference, let path, let absent):
            "\(reference) in '\(path)' is not whole; sparse: \(absent) not included"
        }
    }
}
