import ContainerImage
import DocumentInput
public import ImageStore
public import ImageTransfer
public import KbldConfiguration
import LocalFiles
import Packages
public import ReferenceChecks

/// All images of documents go from their registries into others, with no file between.
public struct RelocateWorkflow: Sendable {
    /// What is copied, and where.
    public struct Options: Sendable {
        /// The files, folders and addresses of the documents.
        public var files: [String]
        /// Where the images arrive.
        public var destination: DestinationPlan
        /// What the names of images that are copied are like; empty for all.
        public var names: [NamePattern] = []
        /// The attached artifacts to include.
        public var artifacts = ArtifactSelection()
        /// Which signatures the images must have.
        public var signatures = SignatureGate.Options()
        /// Where a lock file goes, if there is to be one.
        public var lockOutput: String?
        /// The part of the images that is copied; nil for all.
        public var shard: Shard?
        /// Whether images that are there are asked for their parts. Where they aren't, and nothing comes with them, their
        /// sources aren't asked for anything.
        public var rechecks = true
        /// How many transfers are under way at once.
        public var concurrency = 64
        /// The configuration for nodes, if there is to be one.
        public var mirrors: MirrorSettings?
        /// Whether nothing is uploaded and nothing written.
        public var isDryRun = false

        /// Creates options to copy all images of the documents to `destination`.
        public init(files: [String], destination: DestinationPlan) {
            self.files = files
            self.destination = destination
        }
    }

    /// How many references there are.
    public var count: Int { references.count }
    private let options: Options
    private let context: WorkflowContext
    private let manifests: InputDocuments
    /// All references of the documents.
    private let all: PackagedReferences
    /// Those whose images are copied.
    private let references: PackagedReferences
    private let gate: SignatureGate?

    /// Checks that the lock can be written, and reads the documents.
    ///
    /// - Throws: `TextFileError`; what is wrong with the documents, among that references without digests.
    public init(_ options: Options, in context: WorkflowContext) async throws {
        try TextFile.check(options.lockOutput)
        gate = try SignatureGate(options.signatures)
        var options = options
        if let gate { options.artifacts = gate.selecting(options.artifacts) }
        if options.shard != nil { options.destination = options.destination.ofShard }
        self.options = options
        self.context = context
        manifests = try await context.documents(in: options.files)
        all = try PackagedReferences(manifests)
        references = try all.matching(options.names)
        // What can't be written is told before anything is copied.
        _ = try Self.mirrors(of: references, by: options, in: context) { _ in }
        let copied = Set(references.texts)
        for text in all.texts where !copied.contains(text) {
            context.log("not copying \(text): it matches none of the names")
        }
        if !options.isDryRun { references.announce(to: context.log) }
    }

    /// Copies the images.
    ///
    /// - Returns: The new references of the documents', and the configuration for nodes, where there is to be one.
    /// - Throws: `ImageTreeError` naming the reference, `RelocationError` naming the image or blob.
    public func run(
        progress: TransferProgress?
    ) async throws -> (images: [String: ResolvedImage], mirrors: MirrorConfiguration?) {
        try await context.withRegistries { try await run(in: $0, progress: progress) }
    }

    /// What would be copied: manifests and configs are read, and repositories are asked what they have.
    ///
    /// - Throws: As ``run(progress:)``.
    public func plan(progress: TransferProgress?) async throws -> [RelocationPlan] {
        try await context.withRegistries { try await plan(in: $0, progress: progress) }
    }

    /// What would be copied from one repository of `registry` to another.
    package func plan(in registry: any ImageRegistry, progress: TransferProgress?) async throws -> [RelocationPlan] {
        let (limit, artifacts) = (options.concurrency, options.artifacts)
        let (own, read) = try await read(references.all, in: registry, progress: progress)
        let gathered = try await artifacts.gather(read, in: registry, atMost: limit) { _ in }
        try await gate?.pass(
            gathered,
            of: references.of(own),
            in: registry,
            atMost: limit,
            before: .send,
            log: context.log
        )
        let batches = try options.destination.batches(
            of: gathered.trees,
            filtered: gathered.platformFilters,
            for: manifests,
            in: registry
        ) { _ in }
        return try await ImageRelocation(atMost: limit, progress: progress, rechecking: options.rechecks)
            .plan(batches, from: { registry.repository($0) })
    }

    /// Copies the images from one repository of `registry` to another.
    package func run(
        in registry: any ImageRegistry,
        progress: TransferProgress?
    ) async throws -> (images: [String: ResolvedImage], mirrors: MirrorConfiguration?) {
        let (limit, log) = (options.concurrency, context.log)
        let wanted = try await missing(in: registry)
        let (own, read) = try await references.locatingErrors {
            try await self.read(wanted, in: registry, progress: progress)
        }
        log("exported \(references.count) images")
        let gathered = try await options.artifacts.gather(read, in: registry, atMost: limit, log: log)
        let judged = references.of(own)
        try await gate?.pass(gathered, of: judged, in: registry, atMost: limit, before: .send, log: log)
        let metadata = PackageMetadata(gathered)
        log("importing \(gathered.trees.count) images...")
        let batches = try options.destination.batches(
            of: gathered.trees,
            filtered: gathered.platformFilters,
            for: manifests,
            in: registry,
            log: log
        )
        try await ImageRelocation(atMost: limit, progress: progress, rechecking: options.rechecks)
            .copy(batches, from: { registry.repository($0) })
        try await metadata.finish(batches, atMost: limit, log: log)
        log("imported \(gathered.trees.count) images")
        var images = try options.destination.images(metadata.filtered(references.images))
        metadata.addOrigins(to: &images, of: references.images)
        let mirrors = try Self.mirrors(
            of: references,
            filtered: metadata.platformFilters ?? [],
            by: options,
            in: context,
            log: log
        )
        return (images, mirrors)
    }

    private static func mirrors(
        of references: PackagedReferences,
        filtered: [PlatformFilter] = [],
        by options: Options,
        in context: WorkflowContext,
        log: @escaping LogSink
    ) throws -> MirrorConfiguration? {
        try options.mirrors.map {
            try MirrorConfiguration(
                $0,
                of: references.all,
                in: options.destination,
                filtered: filtered,
                options: context.registryOptions,
                log: log
            )
        }
    }

    /// Reads the images, or those in the shard, and says which they are: all manifests are read for a shard, as sizes are
    /// what divides them.
    private func read(
        _ references: [DigestReference],
        in registry: any ImageRegistry,
        progress: TransferProgress?
    ) async throws -> (own: [DigestReference], images: ImagesWithArtifacts) {
        let limit = options.concurrency
        guard let shard = options.shard else {
            let images = try await options.artifacts.read(references, in: registry, atMost: limit, progress: progress)
            return (references, images)
        }
        let survey = try await ManifestSurvey(
            of: references,
            from: { registry.repository($0) },
            atMost: limit,
            progress: progress
        )
        let own = shard.own(
            of: references,
            digest: \.digest,
            contents: { survey.contents(of: $0) },
            log: options.isDryRun ? { _ in } : context.log
        )
        let images = try await options.artifacts.read(
            own,
            from: { survey.source(registry.repository($0), of: $0) },
            atMost: limit,
            progress: progress
        )
        return (own, images)
    }

    /// The references whose images aren't known to be where they are to go: all, unless being there is enough. Images that
    /// something comes with may lack that.
    private func missing(in registry: any ImageRegistry) async throws -> [DigestReference] {
        let all = references.all
        let isAlone = options.artifacts.takesNothingElse && gate == nil && !options.destination.tagsWithOrigin
        guard !options.rechecks, options.shard == nil, isAlone else { return all }
        let present = try await all.concurrentMap(atMost: options.concurrency) { reference in
            for place in try options.destination.references(of: reference) {
                let repository = registry.destination(place.repository)
                let tag = Tag.kbldDigestTag(for: place.digest)
                guard try await repository.contains(manifest: place.digest, tag: tag) else { return false }
            }
            return true
        }
        let missing = zip(all, present).filter { !$1 }.map(\.0)
        context.log("\(all.count - missing.count) of \(Count.text(all.count, "image")) are there already")
        return missing
    }

    /// The documents with their new references; the lock file is written where there is to be one.
    ///
    /// - Parameter images: What the references came to.
    /// - Throws: `TextFileError` naming the lock file.
    public func documents(with images: [String: ResolvedImage]) throws -> [String] {
        try RelocatedDocuments(manifests: manifests, version: context.version)
            .texts(with: images, leaving: Set(all.texts).subtracting(references.texts), lockOutput: options.lockOutput)
    }
}
