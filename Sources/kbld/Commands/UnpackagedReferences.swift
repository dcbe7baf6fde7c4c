import ContainerImage
import ImageStore
import ManifestInput
import PackageArchive
import Resolution

/// The images of a package, and the references of the documents that name them.
struct UnpackagedReferences: Sendable {
    /// The references as written, and what they mean.
    let images: [String: DigestReference]

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
        var images: [String: DigestReference] = [:]
        for tree in trees { images[tree.reference.description] = tree.reference }
        // Documents may still name the whole index.
        for slimming in notes.slimmings ?? [] { images[slimming.index.description] = slimming.index }
        let known = Set(images.values)
        var missing: [String] = []
        for text in update.references(in: manifests.resources) where images[text] == nil {
            if let parsed = try? DigestReference(text), known.contains(parsed) {
                images[text] = parsed
            } else if let parsed = try? ImageReference(text), let digest = names[parsed] {
                images[text] = DigestReference(repository: parsed.repository, digest: digest)
            } else if let parsed = try? DigestReference(text), strays.contains(parsed.digest) {
                images[text] = parsed
            } else {
                missing.append(text)
            }
        }
        guard missing.isEmpty else { throw MissingImages(references: missing) }
        self.images = images
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
