public import ContainerImage
import DocumentInput
import FoundationEssentials
public import ImageStore
public import ImageTransfer
import KbldConfiguration
import LocalFiles
import Packages
import Signatures

/// All images of a package go into repositories.
public struct UnpackageWorkflow: Sendable {
    /// What is installed, and where.
    public struct Options: Sendable {
        /// The files, folders and addresses of the documents.
        public var files: [String]
        /// The package: a file, a folder, or a stream.
        public var input: String
        /// Further volumes of it.
        public var otherVolumes: [String] = []
        /// What of it is installed.
        public var part = PackagePart()
        /// Where the images arrive.
        public var destination: DestinationPlan
        /// Which signatures the images must have.
        public var signatures = SignatureGate.Options()
        /// Who must have signed the package itself.
        public var trust = PackageTrust.Options()
        /// Where a receipt goes, if there is to be one.
        public var receipt: String?
        /// The file of a private key that signs the receipt.
        public var receiptKey: String?
        /// What opens that key.
        public var passphrase = KeyPassphrase()
        /// Other repositories that may have layers which a delta omits.
        public var baseRepositories: [Repository] = []
        /// Where a lock file goes, if there is to be one.
        public var lockOutput: String?
        /// The part of the images that is installed; nil for all.
        public var shard: Shard?
        /// Whether images that are there are asked for their parts.
        public var rechecks = true
        /// How many transfers are under way at once.
        public var concurrency = 64
        /// The configuration for nodes, if there is to be one.
        public var mirrors: MirrorSettings?
        /// Whether nothing is uploaded and nothing written.
        public var isDryRun = false

        /// Creates options to install the package `input` in `destination`.
        public init(files: [String], input: String, destination: DestinationPlan) {
            self.files = files
            self.input = input
            self.destination = destination
        }
    }

    /// How many images are installed.
    public var count: Int { trees.count }
    private let options: Options
    private let context: WorkflowContext
    private let manifests: InputDocuments
    private let content: PackageInput
    private let metadata: PackageMetadata
    private let trees: [ImageTree]
    private let images: [String: ResolvedImage]
    /// References whose images are not installed.
    private let left: Set<String>
    private let mirrors: MirrorConfiguration?
    private let gate: SignatureGate?
    private let trust: PackageTrust?
    private let trusted: PackageTrust.Trusted?
    private let stateLock: FileLock?
    private let receiptKey: SigningKey?
    private let gated: SignatureGate.Images

    /// Checks that the lock can be written, reads the documents and opens the package.
    ///
    /// - Throws: `TextFileError`; what is wrong with the documents; `ArchiveError` naming the package,
    ///   `MissingImagesError` where it lacks images of the documents; `UnsupportedMirrorsError`, `ForeignFileError` where the
    ///   configuration for nodes can't be written.
    public init(_ options: Options, in context: WorkflowContext) async throws {
        try TextFile.check(options.lockOutput)
        try TextFile.check(options.receipt)
        gate = try SignatureGate(options.signatures)
        trust = try PackageTrust(options.trust)
        receiptKey = try options.receiptKey.map { try PackageSigning.key($0, options.passphrase) }
        var options = options
        if options.shard != nil { options.destination = options.destination.ofShard }
        self.options = options
        self.context = context
        manifests = try await context.documents(in: options.files, areOptional: true)
        content = try await context.input(at: options.input, options.otherVolumes)
        // Held until the state is written.
        stateLock = options.isDryRun ? nil : try await trust?.lock(log: context.log)
        trusted = try trust?.check(
            try content.seals(),
            content.metadata,
            isStream: PackagePath.isStream(options.input),
            log: context.log
        )
        let references = try content.references(in: manifests)
        if case .package(let package) = content { PackageFormatLog.lines(package).forEach(context.log) }
        var taken = try await options.part.taken(
            from: references.trees,
            metadata: content.metadata,
            names: content.names,
            wanted: references.wanted,
            at: options.input
        )
        taken.remarks.forEach(context.log)
        let notInstalled = Self.left(of: references, in: taken)
        if let shard = options.shard { taken = taken.own(of: shard, log: context.log) }
        let metadata = taken.metadata
        let filtered = metadata.filtered(references.images)
        let arriving = Set(taken.trees.flatMap(\.all).map(\.manifest.digest))
        var images = try options.destination.images(filtered.filter { arriving.contains($0.value.digest) })
        left = Set(filtered.keys).subtracting(images.keys)
        metadata.addOrigins(to: &images, of: references.images)
        self.metadata = metadata
        self.images = images
        trees = taken.trees
        mirrors = try options.mirrors.map {
            try MirrorConfiguration(
                $0,
                of: taken.taken(of: references.named(by: options.files)),
                in: options.destination,
                filtered: metadata.platformFilters ?? [],
                options: context.registryOptions,
                log: context.log
            )
        }
        // Only what is installed needs signatures, as it arrives.
        gated = SignatureGate.Images(taken.trees, metadata, named: taken.taken(of: references.named))
        notInstalled.forEach(context.log)
        PackageFormatLog.sparse(trees).forEach(context.log)
        if !options.isDryRun { context.log("importing \(trees.count) images...") }
    }

    /// Uploads the images.
    ///
    /// - Returns: What is still to come, where volumes are lacking; nil where the images have arrived.
    /// - Throws: `RelocationError` naming the image or blob; `OmittedLayersError` for a delta whose base isn't there.
    @discardableResult
    public func run(progress: TransferProgress?) async throws -> UnfinishedVolumes? {
        try await context.withRegistries { try await run(to: $0, progress: progress) }
    }

    /// What would be uploaded: repositories are asked what they have.
    ///
    /// - Throws: As ``run(progress:)``; `DryRunError` for a stream whose images' signatures come after other layers.
    public func plan(progress: TransferProgress?) async throws -> [RelocationPlan] {
        try await context.withRegistries { try await plan(in: $0, progress: progress) }
    }

    /// What would be uploaded to repositories of `registry`.
    package func plan(in registry: any ImageRegistry, progress: TransferProgress?) async throws -> [RelocationPlan] {
        let source: any ImageSource
        switch content {
        case .package(let package):
            try await pass(package)
            source = package
        case .stream(let stream):
            // Sizes follow from what comes first; the layers aren't read.
            guard try await judged(stream).isJudged else { throw DryRunError(path: stream.name) }
            source = KeptBlobs(name: stream.name, blobs: [:])
        }
        let relocation = ImageRelocation(
            atMost: options.concurrency,
            progress: progress,
            omitting: omitted(registry),
            rechecking: options.rechecks
        )
        let batches = try batches(in: registry) { _ in }
        if content.metadata.volume != nil {
            let (plans, lacking) = try await relocation.planAvailable(batches, from: { _ in source })
            if let unfinished = UnfinishedVolumes(content.metadata, lacking: lacking) {
                context.log("after that, \(unfinished)")
                return plans
            }
        }
        return try await relocation.plan(batches, from: { _ in source })
    }

    /// The images that the documents name and that are left in the package: these must be installed otherwise.
    private static func left(of references: UnpackagedReferences, in taken: PackagePart.Taken) -> [HintedText] {
        let there = Set(taken.trees.flatMap(\.all).map(\.manifest.digest))
        let named = references.images.filter { references.wanted.contains($0.value.digest) }
        return Set(taken.metadata.filtered(named).values).filter { !there.contains($0.digest) }.sorted()
            .map { "not installing \($0): it matches none of the names" }
    }

    private func omitted(_ registry: any ImageRegistry) -> OmittedLayers {
        OmittedLayers(
            content.metadata.omittedDigests,
            bases: options.baseRepositories.map { registry.repository($0) }
        )
    }

    private func pass(_ source: any ImageSource) async throws {
        try await gate?.pass(gated, from: { _ in source }, atMost: options.concurrency, before: .send, log: context.log)
    }

    /// A stream as it is, or one whose signatures are judged: now, where they come first, else when all has come.
    private func judged(_ stream: ArchiveStream) async throws -> (stream: any BlobStream, isJudged: Bool) {
        guard gate != nil else { return (stream, true) }
        let evidence = SignatureEvidence(gated.trees, names: gated.names)
        let layers = evidence.layers(for: evidence.required(naming: gated.named))
        let omitted = content.metadata.omittedDigests
        let judged = GatedStream(stream, wanting: layers.subtracting(omitted)) { try await pass($0) }
        return (judged, try await judged.prepare())
    }

    private func batches(in registry: any ImageRegistry, log: LogSink) throws -> [ImageBatch] {
        try options.destination.batches(
            of: trees,
            filtered: metadata.platformFilters ?? [],
            for: manifests,
            recording: TaggedImage.named(by: content.names) + (metadata.tags ?? []),
            in: registry,
            log: log
        )
    }

    /// Uploads the images to repositories of `registry`.
    @discardableResult
    package func run(to registry: any ImageRegistry, progress: TransferProgress?) async throws -> UnfinishedVolumes? {
        let omitted = omitted(registry)
        let batches = try batches(in: registry, log: context.log)
        switch content {
        case .package(let package):
            try await pass(package)
            let relocation = ImageRelocation(
                atMost: options.concurrency,
                progress: progress,
                omitting: omitted,
                rechecking: options.rechecks,
                checking: { layer, _ in try await package.check(of: layer) }
            )
            if package.metadata.volume != nil {
                let lacking = try await relocation.copyAvailable(batches, from: { _ in package })
                if let unfinished = UnfinishedVolumes(package.metadata, lacking: lacking) { return unfinished }
                // What no volume has is lacking as in any delta.
                if !lacking.isEmpty { try await relocation.copy(batches, from: { _ in package }) }
            } else {
                try await relocation.copy(batches, from: { _ in package })
            }
        case .stream(let passing):
            let (stream, isJudged) = try await judged(passing)
            if !isJudged {
                context.log("the signatures come after other layers: nothing gets a name before they have come")
            }
            let relocation = ImageRelocation(
                atMost: options.concurrency,
                progress: progress,
                omitting: omitted,
                rechecking: options.rechecks
            )
            if passing.metadata.volume != nil {
                let lacking = try await relocation.copyAvailable(batches, streaming: stream)
                if let unfinished = UnfinishedVolumes(passing.metadata, lacking: lacking) { return unfinished }
                if !lacking.isEmpty { try await relocation.copy(batches, streaming: stream) }
            } else {
                try await relocation.copy(batches, streaming: stream)
            }
        }
        try await metadata.finish(batches, atMost: options.concurrency, log: context.log)
        if let trust, let trusted, options.shard == nil { try trust.record(trusted, of: options.input) }
        try writeReceipt()
        return nil
    }

    private func writeReceipt() throws {
        guard let path = options.receipt else { return }
        let arrived = try trees.map { tree in
            InstallationReceipt.Image(
                image: tree.reference.description,
                arrived: try options.destination.references(of: tree.reference).map(\.description)
            )
        }
        let receipt = InstallationReceipt(of: options.input, trusted, images: arrived, at: Date())
        let digest = try receipt.write(to: path, signedBy: receiptKey)
        context.log("receipt \(path): \(digest)")
    }

    /// The documents with their new references; the lock file is written where there is to be one.
    ///
    /// - Throws: `TextFileError` naming the lock file.
    public func documents() throws -> [String] {
        try RelocatedDocuments(manifests: manifests, version: context.version)
            .texts(with: images, leaving: left, lockOutput: options.lockOutput)
    }

    /// Writes the configuration for nodes, or compares it with what is there, where that was asked for.
    ///
    /// - Throws: `TextFileError`; an error that names each file that differs.
    public func finishMirrors() throws { try mirrors?.finish() }
}
