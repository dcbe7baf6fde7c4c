public import Compression
import ContainerImage
import DocumentInput
public import ImageStore
public import ImageTransfer
public import Packages
import Signatures

/// All images of documents go into one package.
public struct PackageWorkflow: Sendable {
    /// What is packaged, where, and how.
    public struct Options: Sendable {
        /// The files, folders and addresses of the documents.
        public var files: [String]
        /// Where the package goes; nil if none is to be written.
        public var output: String?
        /// The format of the package.
        public var format = PackageOutputFormat.kbld
        /// How the package is cut into several files; nil for one.
        public var volumes: VolumeOptions?
        /// The most bytes of a volume, each of which is a package of its own; nil for one package.
        public var volumeSize: Int64?
        /// Whether layers that an earlier run has fetched are kept, once they are verified.
        public var resumes = true
        /// What has layers that are left out: packages, documents, repositories.
        public var bases: [String] = []
        /// The attached artifacts to include.
        public var artifacts = ArtifactSelection()
        /// Which signatures the images must have.
        public var signatures = SignatureGate.Options()
        /// Who signs the package.
        public var signing = PackageSigning.Options()
        /// The names for runtimes that load the package; nil for a package that registries take.
        public var naming: LayoutNaming?
        /// How all of the package is compressed; nil for one that isn't.
        public var compression: CompressionSetting?
        /// Whether the package records the tags that the images had.
        public var recordsTags = false
        /// How many transfers are under way at once.
        public var concurrency = 64

        /// Creates options to package all images of the documents.
        public init(files: [String], output: String?) {
            self.files = files
            self.output = output
        }
    }

    /// A package that wasn't written.
    public struct Plan: Sendable {
        /// The images that would be in it.
        public var trees: [ImageTree]
        /// How large it would be, in bytes.
        public var size: Int64
    }

    /// How many references there are.
    public var count: Int { references.count }
    let options: Options
    let context: WorkflowContext
    let writer: ArchiveWriter
    private let references: PackagedReferences
    let documents: InputDocuments
    private let resolution: Resolution?
    private let gate: SignatureGate?
    let signing: PackageSigning?

    /// Checks that the package can be written, and reads the documents.
    ///
    /// - Throws: `ArchiveError` naming the package; what is wrong with the documents, among that references without
    ///   digests.
    public init(_ options: Options, in context: WorkflowContext) async throws {
        let writer = try Self.writer(by: options)
        try self.init(options, writer, of: await context.documents(in: options.files), after: nil, in: context)
    }

    /// What writes the package; it is made sure that there can be one.
    static func writer(by options: Options) throws -> ArchiveWriter {
        let writer = ArchiveWriter(
            path: options.output ?? "",
            resumes: options.resumes,
            volumes: options.volumes,
            compression: options.compression
        )
        if options.output != nil, !PackageLayout.isFolder(writer.path, in: options.format) { try writer.check() }
        return writer
    }

    init(
        _ options: Options,
        _ writer: ArchiveWriter,
        of documents: InputDocuments,
        after resolution: Resolution?,
        in context: WorkflowContext
    ) throws {
        gate = try SignatureGate(options.signatures)
        signing = try PackageSigning(options.signing, temporaryFolder: context.temporaryFolder)
        var options = options
        if let gate { options.artifacts = gate.selecting(options.artifacts) }
        self.options = options
        self.context = context
        self.writer = writer
        self.resolution = resolution
        self.documents = documents
        references = try PackagedReferences(documents)
        guard options.output != nil else { return }
        references.announce(to: context.log)
    }

    /// Writes the package.
    ///
    /// - Throws: `ImageTreeError` naming the reference, `LayerError` naming the layer, `ArchiveError` naming the file;
    ///   `UnfinishedPackageError` where the next run can go on.
    public func run(progress: TransferProgress?) async throws {
        try await context.withRegistries { try await run(from: $0, progress: progress) }
    }

    /// Writes the package of what is in `registry`.
    package func run(from registry: any ImageRegistry, progress: TransferProgress?) async throws {
        if let size = options.volumeSize {
            let writer = try await volumes(of: size, in: registry, progress: progress)
            try await writer.write(from: { registry.repository($0) }, atMost: options.concurrency, progress: progress)
            for path in writer.paths { context.log("wrote \(path)") }
            try await resolution?.write()
            return
        }
        let (images, plain) = try await layOut(in: registry, progress: progress)
        let layout = try await signed(plain, images)
        if !options.bases.isEmpty, let plan = try layout.tarball() { context.log(DeltaBase.summary(of: plan)) }
        try await layout.write(
            to: writer,
            from: { registry.repository($0) },
            atMost: options.concurrency,
            progress: progress
        )
        try await resolution?.write()
    }

    /// What would be packaged. Nothing but manifests and configs is fetched: sizes follow from these.
    public func plan(progress: TransferProgress?) async throws -> Plan {
        try await context.withRegistries { try await plan(in: $0, progress: progress) }
    }

    /// What would be packaged of what is in `registry`.
    package func plan(in registry: any ImageRegistry, progress: TransferProgress?) async throws -> Plan {
        let (images, layout) = try await layOut(in: registry, progress: progress)
        guard let plan = try layout.tarball() else { return Plan(trees: images.trees, size: 0) }
        return Plan(trees: images.trees, size: plan.totalSize + (try signatureSize(in: layout, images)))
    }

    private func volumes(
        of size: Int64,
        in registry: any ImageRegistry,
        progress: TransferProgress?
    ) async throws -> VolumeSetWriter {
        let (gathered, absent, first) = try await gather(in: registry, progress: progress)
        let signing = try volumeSigning(of: gathered)
        let plan = try VolumePlan(
            gathered.trees,
            metadata: try metadata(on: gathered),
            omitting: absent,
            first: first,
            size: size,
            reserving: try signing?.entrySize() ?? 0,
            path: writer.path
        )
        context.log("\(Count.text(plan.count, "volume")) of at most \(size) bytes")
        try VolumeSetWriter(plan, to: writer.path, resumes: options.resumes).check()
        let signatures = try await signing?.signatures(of: plan, resuming: options.resumes ? writer.path : nil)
        return VolumeSetWriter(plan, signedWith: signatures ?? [], to: writer.path, resumes: options.resumes)
    }

    private func layOut(
        in registry: any ImageRegistry,
        progress: TransferProgress?
    ) async throws -> (images: ImagesWithArtifacts, layout: PackageLayout) {
        let (gathered, absent, signatures) = try await gather(in: registry, progress: progress)
        let layout = try PackageLayout(
            gathered,
            metadata: try metadata(on: gathered),
            as: options.format,
            at: writer.path,
            naming: options.naming,
            omitting: absent,
            first: signatures
        )
        PackageFormatLog.leftOut(of: gathered.trees, in: options.format).forEach(context.log)
        return (gathered, layout)
    }

    /// Reads the images; with them come the layers that the other side has, and those that come before all others.
    private func gather(
        in registry: any ImageRegistry,
        progress: TransferProgress?
    ) async throws -> (images: ImagesWithArtifacts, absent: Set<Digest>?, first: Set<Digest>) {
        let (limit, artifacts) = (options.concurrency, options.artifacts)
        let read = try await references.locatingErrors {
            try await artifacts.read(references.all, in: registry, atMost: limit, progress: progress)
        }
        let gathered = try await artifacts.gather(read, in: registry, atMost: limit, log: context.log)
        try await gate?.pass(gathered, of: references, in: registry, atMost: limit, before: .write, log: context.log)
        // Signatures are judged where the package goes, and in a stream before the layers: they are all there, and first.
        let hasSignatures = gate != nil || !gathered.artifacts.isEmpty
        let signatures = hasSignatures ? SignatureEvidence.layers(in: gathered.trees, names: gathered.names) : []
        let absent = try await DeltaBase.layers(
            of: gathered.trees,
            heldBy: options.bases,
            in: registry,
            atMost: limit,
            context
        )
        return (gathered, absent?.subtracting(signatures), signatures)
    }

    private func metadata(on gathered: ImagesWithArtifacts) throws -> PackageMetadata {
        var metadata = PackageMetadata(gathered)
        let isForRuntime = options.naming?.byTag == true || options.format == .dockerArchive
        guard options.recordsTags || isForRuntime else { return metadata }
        let roots = Set(gathered.trees.map(\.reference))
        let known = OriginTags(ofReferences: documents, gathered.platformFilters)
        if isForRuntime { try known.checkTags(where: roots.contains) }
        let tags = known.images(where: roots.contains, log: context.log)
        metadata.tags = tags.isEmpty ? nil : tags
        context.log(
            "\(options.output == nil ? "would record" : "recording") \(tags.count == 1 ? "1 tag" : "\(tags.count) tags")"
        )
        return metadata
    }
}
