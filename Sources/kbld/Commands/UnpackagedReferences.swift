import ContainerImage
import ImageStore
import ManifestInput
import Resolution

/// The images of a package, and the references of the documents that name them.
struct UnpackagedReferences: Sendable {
    private let images: [String: DigestReference]

    /// - Throws: `MissingImages` when the documents have references that the package doesn't have.
    init(_ manifests: Manifests, _ trees: [ImageTree]) throws(MissingImages) {
        let update = ReferenceUpdate(manifests.configuration)
        var images: [String: DigestReference] = [:]
        for tree in trees { images[tree.reference.description] = tree.reference }
        let known = Set(images.values)
        var missing: [String] = []
        for text in update.references(in: manifests.resources) where images[text] == nil {
            if let parsed = try? DigestReference(text), known.contains(parsed) {
                images[text] = parsed
            } else {
                missing.append(text)
            }
        }
        guard missing.isEmpty else { throw MissingImages(references: missing) }
        self.images = images
    }

    /// What each reference comes to in `repository`.
    func relocated(to repository: Repository) -> [String: ResolvedImage] {
        images.mapValues {
            ResolvedImage(url: "\(DigestReference(repository: repository, digest: $0.digest))", origins: [])
        }
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
