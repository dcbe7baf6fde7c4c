import Algorithms
public import ContainerImage
package import DocumentInput
package import ImageStore
public import ImageTransfer
package import KbldConfiguration

/// Where images arrive, and under which names.
public struct DestinationPlan: Sendable {
    /// The places that take the images; printed documents name the first.
    public let roots: [RepositoryRoot]
    /// In which repositories below them images arrive.
    public let layout: RepositoryLayout
    /// Whether images get the tags that tell where they come from.
    public private(set) var tagsWithOrigin: Bool
    private let root: RepositoryRoot

    /// Creates a plan for `root`, which printed documents name, and `others`; each counts once.
    public init(
        in root: RepositoryRoot,
        and others: [RepositoryRoot] = [],
        layout: RepositoryLayout = .flat,
        tagsWithOrigin: Bool = false
    ) {
        self.root = root
        roots = Array(([root] + others).uniqued())
        self.layout = layout
        self.tagsWithOrigin = tagsWithOrigin
    }

    /// Creates a plan for the repository `root`.
    public init(in root: Repository, layout: RepositoryLayout = .flat) {
        self.init(in: RepositoryRoot(root), layout: layout)
    }

    /// The same places for a part of the images, which get no tags of origin: whether several had one shows only among all.
    var ofShard: DestinationPlan {
        var plan = self
        plan.tagsWithOrigin = false
        return plan
    }

    /// What `reference` is called where it arrives, in the first repository.
    package func reference(_ reference: DigestReference) throws(ReferenceError) -> DigestReference {
        try self.reference(reference, below: root)
    }

    /// What `reference` is called in each of the repositories where it arrives.
    func references(of reference: DigestReference) throws(ReferenceError) -> [DigestReference] {
        try roots.map { root throws(ReferenceError) in try self.reference(reference, below: root) }
    }

    /// The destination of each of `references`.
    package func images(_ references: [String: DigestReference]) throws(ReferenceError) -> [String: ResolvedImage] {
        var images: [String: ResolvedImage] = [:]
        for (text, value) in references {
            images[text] = ResolvedImage(url: try reference(value).description, origins: [])
        }
        return images
    }

    /// What goes into which repository.
    ///
    /// - Parameters:
    ///   - trees: The images.
    ///   - platformFilters: The indexes among them that have the place of others.
    ///   - manifests: What the documents tell of origins.
    ///   - recorded: The tags that a package records of them.
    package func batches(
        of trees: [ImageTree],
        filtered platformFilters: [PlatformFilter],
        for manifests: InputDocuments,
        recording recorded: [TaggedImage] = [],
        in registry: any ImageRegistry,
        log: LogSink
    ) throws -> [ImageBatch] {
        var repositories: [Repository] = []
        var contents: [Repository: [ImageTree]] = [:]
        var sources: [Repository: Repository] = [:]
        for root in roots {
            for tree in trees.sorted(by: { $0.reference < $1.reference }) {
                let moved = try reference(tree.reference, below: root)
                try check(moved.repository, tree.reference.repository, &sources)
                log("importing \(tree.reference) -> \(moved)...")
                if contents[moved.repository] == nil { repositories.append(moved.repository) }
                contents[moved.repository, default: []].append(tree)
            }
        }
        let tags = tagsWithOrigin ? OriginTags(manifests, platformFilters, recording: recorded) : nil
        return repositories.map { repository in
            let trees = contents[repository] ?? []
            return ImageBatch(
                trees,
                to: registry.destination(repository),
                tags: tags?.tags(of: trees, in: repository, log: log) ?? [:]
            )
        }
    }

    /// Hosts that differ in punctuation alone would share a folder.
    private func check(
        _ repository: Repository,
        _ source: Repository,
        _ sources: inout [Repository: Repository]
    ) throws(CollidingRepositoriesError) {
        guard layout == .mirrorWithHost, let other = sources.updateValue(source, forKey: repository), other != source
        else { return }
        throw CollidingRepositoriesError(sources: [other, source], repository: repository)
    }

    private func reference(_ reference: DigestReference, below root: RepositoryRoot) throws(ReferenceError)
        -> DigestReference
    {
        let repository = try layout.repository(for: reference.repository, below: root)
        return DigestReference(repository: repository, digest: reference.digest)
    }
}

/// Two repositories that would arrive in the same one, where each is to have its own.
package struct CollidingRepositoriesError: Error, CustomStringConvertible {
    package let sources: [Repository]
    package let repository: Repository

    package var description: String {
        let names = sources.map(\.description).sorted().joined(separator: " and ")
        return "\(names) would both arrive in \(repository); upload them in two runs, below different repositories"
    }
}
