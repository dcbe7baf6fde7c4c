import ContainerImage
import DocumentInput
import ImageStore
import ImageTransfer
import KbldConfiguration
import RegistryClient
import Resolution

/// Where images arrive, and under which names.
struct DestinationPlan: Sendable {
    /// The repositories that were given; printed documents name the first.
    let roots: [Repository]
    let layout: RepositoryLayout
    let tagsWithOrigin: Bool

    /// What `reference` is called where it arrives, in the first repository.
    func reference(_ reference: DigestReference) throws(ReferenceError) -> DigestReference {
        try self.reference(reference, below: roots[0])
    }

    /// What each of `references` comes to.
    func images(_ references: [String: DigestReference]) throws(ReferenceError) -> [String: ResolvedImage] {
        var images: [String: ResolvedImage] = [:]
        for (text, value) in references {
            images[text] = ResolvedImage(url: try reference(value).description, origins: [])
        }
        return images
    }

    /// What goes into which repository.
    ///
    /// - Parameter slimmings: The indexes among the trees that have the place of others.
    func batches(
        of trees: [ImageTree],
        filtered platformFilters: [PlatformFilter],
        for manifests: InputDocuments,
        in client: RegistryClient,
        log: Log
    ) throws -> [ImageBatch] {
        var repositories: [Repository] = []
        var contents: [Repository: [ImageTree]] = [:]
        for root in roots {
            for tree in trees.sorted(by: { $0.reference < $1.reference }) {
                let moved = try reference(tree.reference, below: root)
                log.line("importing \(tree.reference) -> \(moved)...")
                if contents[moved.repository] == nil { repositories.append(moved.repository) }
                contents[moved.repository, default: []].append(tree)
            }
        }
        let tags = tagsWithOrigin ? OriginTags(manifests, platformFilters) : nil
        return repositories.map { repository in
            let trees = contents[repository] ?? []
            return ImageBatch(
                trees,
                to: client.repository(repository),
                tags: tags?.tags(of: trees, in: repository, log: log) ?? [:]
            )
        }
    }

    private func reference(_ reference: DigestReference, below root: Repository) throws(ReferenceError)
        -> DigestReference
    {
        let repository = try layout.repository(for: reference.repository, below: root)
        return DigestReference(repository: repository, digest: reference.digest)
    }
}
