import ContainerImage
import ImageStore

extension TaggedImage {
    /// The tags among the names that a package has for its images, but for those that stand for digests.
    static func named(by names: [ImageReference: Digest]) -> [TaggedImage] {
        names.compactMap { name, digest in
            guard case .tag(let repository, let tag) = name, !tag.standsForDigest else { return nil }
            return TaggedImage(tag: tag, image: DigestReference(repository: repository, digest: digest))
        }
    }
}
