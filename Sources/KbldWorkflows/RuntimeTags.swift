import ContainerImage
import ImageStore
import Packages

/// The tags by which runtimes know the images of a package.
enum RuntimeTags {
    /// A repository as runtimes name it: Docker Hub is `docker.io`.
    static func name(of repository: Repository) -> String {
        repository.registry == .dockerHub ? "docker.io/\(repository.path)" : repository.description
    }

    /// The metadata with the tags of `trees`: those that the package records, its names, and what documents tell.
    ///
    /// - Throws: `AmbiguousTagError` for a tag that two images have.
    static func metadata(
        of trees: [ImageTree],
        _ metadata: PackageMetadata,
        names: [ImageReference: Digest],
        documents files: [String],
        _ context: WorkflowContext
    ) async throws -> PackageMetadata {
        let references = Set(trees.map(\.reference))
        var tags = (metadata.tags ?? []) + TaggedImage.named(by: names)
        if !files.isEmpty {
            let known = OriginTags(
                ofReferences: try await context.documents(in: files),
                metadata.platformFilters ?? []
            )
            try known.checkTags(where: references.contains)
            tags += known.images(where: references.contains, log: context.log)
        }
        let sorted = Set(tags.filter { references.contains($0.image) }).sorted {
            ($0.image, $0.tag.name) < ($1.image, $1.tag.name)
        }
        var owners: [String: Digest] = [:]
        for tagged in sorted {
            let name = "\(tagged.image.repository):\(tagged.tag)"
            if let other = owners.updateValue(tagged.image.digest, forKey: name) {
                throw AmbiguousTagError(name: name, digests: [other, tagged.image.digest])
            }
        }
        var metadata = metadata
        metadata.tags = sorted.isEmpty ? nil : sorted
        return metadata
    }
}
