public import Compression
public import ContainerImage
public import ImageStore
public import ImageTransfer
public import Packages

/// Images go from a registry or a package to another, under the same digests.
public struct CopyWorkflow: Sendable {
    /// What is copied, where, and how.
    public struct Options: Sendable {
        /// Where the images are.
        public var source: CopyPlace
        /// Where they go.
        public var destination: CopyPlace
        /// The format of a package that is written; nil for a layout in a folder, and kbld's tarball elsewhere.
        public var format: PackageOutputFormat?
        /// What is copied of a package.
        public var part = PackagePart()
        /// The names for runtimes that load a package that is written; nil for one that registries take.
        public var naming: LayoutNaming?
        /// How all of a package that is written is compressed; nil for one that isn't.
        public var compression: CompressionSetting?
        /// Documents that tell the tags of images.
        public var files: [String] = []
        /// The attached artifacts to include, from a registry.
        public var artifacts = ArtifactSelection()
        /// Whether layers that an earlier run has fetched are kept, once they are verified.
        public var resumes = true
        /// How many transfers are under way at once.
        public var concurrency = 64

        /// Creates options to copy from `source` to `destination`.
        public init(from source: CopyPlace, to destination: CopyPlace) {
            self.source = source
            self.destination = destination
        }
    }

    /// The images on this side.
    private struct Content: Sendable {
        var trees: [ImageTree]
        var metadata: PackageMetadata
        /// The tags that a package has for them.
        var names: [ImageReference: Digest] = [:]
        var store: @Sendable (Repository) -> any ImageSource
        /// Makes sure that a layer is whole before it is sent; nil where that shows on its way.
        var check: ImageRelocation.Check?
        /// The one image that was named, as opposed to what is attached to it; nil for a package of several.
        var image: DigestReference?
        /// The images without what is attached to them.
        var images: [DigestReference]
        /// The tags by which images were named, or which the package records.
        var tags: [TaggedImage]

        /// What a package of these images says of them.
        var recorded: PackageMetadata {
            var metadata = metadata
            let tags = Set(tags).subtracting(metadata.names ?? [])
                .sorted { ($0.image, $0.tag.name) < ($1.image, $1.tag.name) }
            metadata.tags = tags.isEmpty ? nil : tags
            return metadata
        }
    }

    private let options: Options
    private let context: WorkflowContext

    /// Checks that a package can be written.
    ///
    /// - Throws: `ArchiveError` naming the package; `CopyError` for what can't be copied so.
    public init(_ options: Options, in context: WorkflowContext) throws {
        self.options = options
        self.context = context
        if case .package(let path) = options.destination, !PackageLayout.isFolder(path, in: Self.format(options, path))
        {
            try ArchiveWriter(path: path).check()
        }
    }

    /// Copies the images.
    ///
    /// - Returns: What they are called where they went.
    /// - Throws: `ImageTreeError` naming the reference, `RelocationError` or `LayerError` naming the blob, `ArchiveError`
    ///   naming the package; `CopyError` for several images and one tag.
    public func run(progress: TransferProgress?) async throws -> [DigestReference] {
        try await context.withRegistries { try await run(in: $0, progress: progress) }
    }

    /// Copies the images, with repositories of `registry`.
    package func run(in registry: any ImageRegistry, progress: TransferProgress?) async throws -> [DigestReference] {
        let content = try await content(in: registry, progress: progress)
        context.log("copying \(Count.text(content.trees.count, "image"))...")
        for tree in content.trees { context.log("will copy \(tree.reference)") }
        switch options.destination {
        case .package(let path):
            guard content.metadata.omittedDigests.isEmpty else { throw CopyError.delta(path) }
            let format = Self.format(options, path)
            if format == .dockerArchive { context.log("manifests are left out, and with them the images' digests") }
            PackageFormatLog.leftOut(of: content.trees, in: format).forEach(context.log)
            var metadata = content.recorded
            if options.naming?.byTag == true || format == .dockerArchive {
                metadata = try await RuntimeTags.metadata(
                    of: content.trees,
                    metadata,
                    names: content.names,
                    documents: options.files,
                    context
                )
            }
            try await PackageLayout(
                content.trees,
                metadata,
                as: format,
                at: path,
                naming: options.naming,
                first: SignatureEvidence.layers(in: content.trees, names: content.metadata.names ?? [])
            )
            .write(
                to: ArchiveWriter(path: path, resumes: options.resumes, compression: options.compression),
                from: content.store,
                atMost: options.concurrency,
                progress: progress
            )
            return content.trees.map(\.reference)
        case .image(let repository, let tag):
            return try await upload(content, to: registry.destination(repository), tag, progress: progress)
        case .pinned(let reference):
            return try await upload(content, to: registry.destination(reference.repository), nil, progress: progress)
        }
    }

    private static func format(_ options: Options, _ path: String) -> PackageOutputFormat {
        options.format ?? (PackageLayout.isFolder(path, in: .oci) ? .oci : .kbld)
    }

    private func content(in registry: any ImageRegistry, progress: TransferProgress?) async throws -> Content {
        let reference: ImageReference
        switch options.source {
        case .package(let path):
            let package = try await context.package(at: path)
            PackageFormatLog.lines(package).forEach(context.log)
            let part = try await options.part.taken(from: package)
            part.remarks.forEach(context.log)
            let companions = PackageCompanions(part.trees, part.metadata)
            let own = part.trees.filter { !companions.contains($0) }
            return Content(
                trees: part.trees,
                metadata: part.metadata,
                names: package.names,
                store: { _ in package },
                check: { layer, _ in try await package.check(of: layer) },
                image: own.count == 1 ? own[0].reference : part.trees.count == 1 ? part.trees[0].reference : nil,
                images: own.map(\.reference),
                tags: Self.tags(of: package, among: part.trees)
            )
        case .image(let repository, let tag): reference = .tag(repository, tag ?? .latest)
        case .pinned(let pinned): reference = .digest(pinned)
        }
        let image = try await registry.resolve(reference)
        let (artifacts, limit) = (options.artifacts, options.concurrency)
        let read = try await artifacts.read([image], in: registry, atMost: limit, progress: progress)
        let root = read.trees.first?.reference
        let gathered = try await artifacts.gather(read, in: registry, atMost: limit, log: context.log)
        return Content(
            trees: gathered.trees,
            metadata: PackageMetadata(gathered),
            store: { registry.repository($0) },
            image: root,
            images: gathered.trees.map(\.reference),
            tags: root.flatMap { root in sourceTag.map { [TaggedImage(tag: $0, image: root)] } } ?? []
        )
    }

    /// The tags that a package records of its images, but for those that stand for digests.
    private static func tags(of package: AnyPackage, among trees: [ImageTree]) -> [TaggedImage] {
        let digests = Set(trees.map(\.manifest.digest))
        return (TaggedImage.named(by: package.names) + (package.metadata.tags ?? []))
            .filter { digests.contains($0.image.digest) }
    }

    private func upload(
        _ content: Content,
        to repository: any ImageRepository,
        _ tag: Tag?,
        progress: TransferProgress?
    ) async throws -> [DigestReference] {
        var tags: [Digest: [Tag]] = [:]
        if let image = content.image {
            // Without another one it has the same tag where it goes.
            let own = Set(content.tags.filter { $0.image.digest == image.digest }.map(\.tag))
            tags[image.digest] = tag.map { [$0] } ?? own.sorted { $0.name < $1.name }
        } else if let tag {
            throw CopyError.severalImages(tag, content.images)
        }
        let batch = ImageBatch(content.trees, to: repository, tags: tags)
        try await ImageRelocation(
            atMost: options.concurrency,
            progress: progress,
            omitting: OmittedLayers(content.metadata.omittedDigests),
            checking: content.check
        )
        .copy([batch], from: content.store)
        try await content.metadata.finish([batch], atMost: options.concurrency, log: context.log)
        return content.trees.map { tree in
            DigestReference(repository: repository.repository, digest: tree.reference.digest)
        }
    }

    /// The tag by which the image was named.
    private var sourceTag: Tag? {
        if case .image(_, let tag) = options.source { tag ?? .latest } else { nil }
    }
}

/// What can't be copied so.
public enum CopyError: HintedError, Sendable {
    /// A delta, into another package.
    case delta(String)
    /// Several images, which can't all have one tag.
    case severalImages(Tag, [DigestReference])

    /// What is wrong, and what to do.
    public var message: HintedText {
        switch self {
        case .delta(let path):
            "Copying to '\(path)': the package is a delta, which omits layers\(hint: .mergeDelta, after: "; ")"
        case .severalImages(let tag, let references):
            "The package has \(references.count) images, which can't all get the tag '\(tag)'; "
                + "name a repository without a tag"
        }
    }
}
