package import ContainerImage
package import DocumentInput
package import ImageStore
import KbldConfiguration
import KubernetesYAML
import Resolution

/// Tags that tell where images come from: imgpkg's by digest, and those that they had.
package struct OriginTags: Sendable {
    private var known: [DigestReference: Set<String>] = [:]

    /// Creates the tags from the annotations and locks of `manifests`, and those that a package records; a filtered index
    /// has the tags of the whole one.
    package init(
        _ manifests: InputDocuments,
        _ platformFilters: [PlatformFilter],
        recording recorded: [TaggedImage] = []
    ) {
        for name in recorded { known[name.image, default: []].insert(name.tag.name) }
        for resource in manifests.resources {
            for image in ImagesAnnotation.images(in: resource.value) { add(image.url, image.origins) }
        }
        for override in manifests.configuration.overrides { add(override.newImage, override.origins) }
        for platformFilter in platformFilters {
            if let tags = known[platformFilter.index] { known[platformFilter.filtered, default: []].formUnion(tags) }
        }
    }

    /// Creates the tags from `manifests`, those too that stand beside a digest (`app:1.0@sha256:…`), and those of
    /// references that locks replace with an image of the same repository.
    package init(ofReferences manifests: InputDocuments, _ platformFilters: [PlatformFilter] = []) {
        self.init(manifests, platformFilters)
        for text in ReferenceUpdate(manifests.configuration).references(in: manifests.resources) {
            guard let at = text.lastIndex(of: "@") else { continue }
            add(tagOf: text[..<at], to: text)
        }
        for override in manifests.configuration.overrides where override.preresolved {
            guard case .image(let text) = override.matcher else { continue }
            add(tagOf: text.prefix { $0 != "@" }, to: override.newImage)
        }
    }

    /// Adds the tag that `name` has in its own repository.
    private mutating func add(tagOf name: Substring, to url: String) {
        guard let reference = try? DigestReference(url), name.split(separator: "/").last?.contains(":") == true,
            case .tag(reference.repository, let tag)? = try? ImageReference(String(name))
        else { return }
        known[reference, default: []].insert(tag.name)
    }

    private mutating func add(_ url: String, _ origins: [Origin]) {
        guard let reference = try? DigestReference(url) else { return }
        for origin in origins {
            switch origin {
            case .resolved(_, let tag?): known[reference, default: []].insert(tag)
            case .tagged(let tags): known[reference, default: []].formUnion(tags)
            default: break
            }
        }
    }

    /// The tags of those images that `isThere`. One that several images of a repository had is nobody's.
    package func images(where isThere: (DigestReference) -> Bool, log: LogSink) -> [TaggedImage] {
        var owners: [ImageReference: Set<Digest>] = [:]
        for (reference, names) in known where isThere(reference) {
            for tag in names.compactMap({ try? Tag($0) }) where !tag.standsForDigest {
                owners[.tag(reference.repository, tag), default: []].insert(reference.digest)
            }
        }
        return owners.sorted { "\($0.key)" < "\($1.key)" }.compactMap { name, digests in
            guard case .tag(let repository, let tag) = name, let digest = digests.first else { return nil }
            guard digests.count == 1 else {
                log("leaving out the tag \(name): \(digests.count) images had it")
                return nil
            }
            return TaggedImage(tag: tag, image: DigestReference(repository: repository, digest: digest))
        }
    }

    /// Makes sure that no tag is that of several images, of those that `isThere`.
    ///
    /// - Throws: `AmbiguousTagError`.
    func checkTags(where isThere: (DigestReference) -> Bool) throws(AmbiguousTagError) {
        var owners: [String: Digest] = [:]
        for (reference, names) in known.sorted(by: { $0.key < $1.key }) where isThere(reference) {
            for tag in names.sorted() {
                let name = "\(reference.repository):\(tag)"
                if let other = owners.updateValue(reference.digest, forKey: name), other != reference.digest {
                    throw AmbiguousTagError(name: name, digests: [other, reference.digest])
                }
            }
        }
    }

    /// The tags of `trees`, which are in one repository. One that several images had is nobody's there.
    package func tags(of trees: [ImageTree], in repository: Repository, log: LogSink) -> [Digest: [Tag]] {
        var owners: [String: Set<Digest>] = [:]
        var tags: [Digest: Set<Tag>] = [:]
        for tree in trees {
            let digest = tree.manifest.digest
            for name in known[tree.reference] ?? [] { owners[name, default: []].insert(digest) }
            tags[digest] = [.imgpkg(of: digest)]
        }
        for (name, digests) in owners.sorted(by: { $0.key < $1.key }) {
            guard let digest = digests.first, digests.count == 1, let tag = try? Tag(name) else {
                log("not tagging '\(name)' in \(repository): \(digests.count) images had this tag")
                continue
            }
            tags[digest, default: []].insert(tag)
        }
        return tags.mapValues { $0.sorted { $0.name < $1.name } }
    }
}

/// A tag that two images have, where each must have its own.
struct AmbiguousTagError: Error, CustomStringConvertible {
    let name: String
    let digests: [Digest]

    var description: String {
        "\(name) is the tag of two images, \(digests[0]) and \(digests[1]); a runtime can give it to one alone"
    }
}
