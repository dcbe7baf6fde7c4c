import ContainerImage
import ImageStore
import KbldConfiguration
import ManifestInput
import PackageArchive
import Resolution

/// The images of a package, and the references of the documents that name them.
struct UnpackagedReferences: Sendable {
    /// The references as written, and what they mean.
    let images: [String: DigestReference]
    /// The package's images, under the names that the documents have for them.
    let trees: [ImageTree]

    /// - Throws: `MissingImages` when the documents have references that the package doesn't have.
    init(_ manifests: Manifests, _ package: some ImagePackage) throws(MissingImages) {
        try self.init(
            manifests,
            trees: package.trees,
            names: package.names,
            notes: package.notes,
            strays: Self.identifiedByDigest(package.trees, in: package.format)
        )
    }

    /// The images of a package that was verified.
    ///
    /// - Throws: `MissingImages` when the documents have references that are none of these.
    init(_ manifests: Manifests, _ package: PackageVerification) throws(MissingImages) {
        try self.init(
            manifests,
            trees: package.trees,
            names: package.names,
            notes: package.recorded,
            strays: Self.identifiedByDigest(package.trees, in: package.format)
        )
    }

    /// - Parameters:
    ///   - names: What the package records of further names.
    ///   - notes: What the package says of slimmed indexes.
    ///   - strays: Images that the digest alone tells.
    /// - Throws: `MissingImages` when the documents have references that are none of these.
    init(
        _ manifests: Manifests,
        trees: [ImageTree],
        names: [ImageReference: Digest] = [:],
        notes: PackageNotes = PackageNotes(),
        strays: Set<Digest> = []
    ) throws(MissingImages) {
        let update = ReferenceUpdate(manifests.configuration)
        let locked = manifests.configuration.overrides.filter(\.preresolved).map(\.newImage)
            .filter { (try? DigestReference($0)) != nil }
        var images: [String: DigestReference] = [:]
        for tree in trees { images[tree.reference.description] = tree.reference }
        // Documents may still name the whole index.
        for slimming in notes.slimmings ?? [] { images[slimming.index.description] = slimming.index }
        let known = Set(images.values)
        var found: [String: DigestReference] = [:]
        var missing: Set<String> = []
        for text in update.references(in: manifests.resources) + locked where images[text] == nil {
            let parsed = try? ImageReference(text)
            if case .digest(let reference)? = parsed, known.contains(reference) {
                images[text] = reference
            } else if let parsed, let digest = names[parsed] {
                found[text] = DigestReference(repository: parsed.repository, digest: digest)
            } else if case .digest(let reference)? = parsed, strays.contains(reference.digest) {
                found[text] = reference
            } else {
                missing.insert(text)
            }
        }
        guard missing.isEmpty else { throw MissingImages(references: missing.sorted()) }
        self.trees = Self.renamed(trees, by: Set(found.values))
        let references = Dictionary(grouping: self.trees.flatMap(\.all).map(\.reference), by: \.digest)
        for (text, wanted) in found {
            let same = references[wanted.digest] ?? []
            images[text] = same.contains(wanted) ? wanted : same.min()
        }
        self.images = images
    }

    /// The `trees` where the documents say that they are from, which a package of another format doesn't know.
    private static func renamed(_ trees: [ImageTree], by wanted: Set<DigestReference>) -> [ImageTree] {
        let homes = Dictionary(grouping: wanted, by: \.digest)
        var seen: Set<DigestReference> = []
        return trees.flatMap { tree in
            let names = homes[tree.manifest.digest] ?? []
            return names.isEmpty ? [tree] : names.sorted().map { tree.renamed(to: $0.repository) }
        }
        .filter { seen.insert($0.reference).inserted }
    }

    /// Formats other than kbld's and imgpkg's seldom record where an image was: there the digest alone tells it.
    private static func identifiedByDigest(_ trees: [ImageTree], in format: PackageFormat) -> Set<Digest> {
        guard format != .kbld, format != .imgpkg else { return [] }
        return Set(trees.flatMap(\.all).map(\.manifest.digest))
    }
}

/// References that a package doesn't have.
struct MissingImages: Error, Sendable, CustomStringConvertible {
    let references: [String]

    var description: String {
        "The package lacks images of the documents; package these same documents again:"
            + references.map { "\n- \($0)" }.joined()
    }
}
