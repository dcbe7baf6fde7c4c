import Algorithms
public import ContainerImage
import DocumentInput
import ImageBuild
public import ImageStore
public import KbldConfiguration
import KubernetesYAML
import LocalFiles
import Resolution

/// The references of documents become digests.
public struct ResolveWorkflow: Sendable {
    /// What is resolved, and what is written.
    public struct Options: Sendable {
        /// The files, folders and addresses of the documents.
        public var files: [String]
        /// References beside those of the documents.
        public var images: [String] = []
        /// A file with a JSON object from reference to reference, if there is one.
        public var imageMap: String?
        /// Which image of an index is chosen; nil for the index itself.
        public var platform: Platform?
        /// Whether images are built from configured sources.
        public var builds = true
        /// How many builds run at once.
        public var buildConcurrency = 4
        /// Whether resources are annotated with their images.
        public var annotates = true
        /// Whether the tags of references stay in them, before the digests.
        public var keepsTags = false
        /// Where a lock file goes, if there is to be one.
        public var lockOutput: String?
        /// Where an imgpkg lock goes, if there is to be one.
        public var imgpkgLockOutput: String?
        /// Whether that tells the origins of images.
        public var tellsOrigins = true
        /// Takes what builders say, line by line.
        public var buildLog: @Sendable (String) -> Void = { _ in }

        /// Creates options to resolve all references of the documents.
        public init(files: [String]) { self.files = files }
    }

    /// The distinct references of the documents, sorted.
    public let references: [String]
    private let options: Options
    private let context: WorkflowContext
    private let manifests: InputDocuments

    /// Checks that locks can be written, and reads the documents. Further references are one more document, a list.
    ///
    /// - Throws: `TextFileError` naming a lock; what is wrong with the documents.
    public init(_ options: Options, in context: WorkflowContext) async throws {
        try TextFile.check(options.lockOutput)
        try TextFile.check(options.imgpkgLockOutput)
        self.options = options
        self.context = context
        // What an image map replaces counts as a reference, whatever is written there.
        let map = context.documentOptions.keepsNonReferences ? try options.imageMap.map(ImageMap.read) : nil
        var manifests = try await context.documents(
            in: options.files,
            areOptional: !options.images.isEmpty,
            with: map
        )
        if !options.images.isEmpty { manifests.resources.append(Self.list(of: options.images)) }
        self.manifests = manifests
        references = ReferenceUpdate(manifests.configuration).references(in: manifests.resources)
    }

    /// Resolves the references.
    ///
    /// - Throws: `ImageMapError`; `ResolutionError` with every reference that fails.
    public func run(progress: TransferProgress?) async throws -> [String: ResolvedImage] {
        let configuration = try configuration()
        return try await context.withRegistries { try await run(in: $0, by: configuration, progress: progress) }
    }

    /// Resolves the references by what is in `registry`.
    package func run(
        in registry: any ImageRegistry,
        progress: TransferProgress?
    ) async throws -> [String: ResolvedImage] {
        try await run(in: registry, by: try configuration(), progress: progress)
    }

    private func run(
        in registry: any ImageRegistry,
        by configuration: Configuration,
        progress: TransferProgress?
    ) async throws -> [String: ResolvedImage] {
        let resolver = ImageResolver(
            configuration: configuration,
            registry: registry,
            platform: options.platform,
            build: options.builds ? builder(with: registry) : nil,
            buildLimit: options.buildConcurrency,
            isOffline: context.documentOptions.isOffline
        )
        do {
            return try await resolver.resolve(references, atMost: 64, progress: progress)
        } catch let error as ResolutionError {
            throw error.located(by: ReferencePlaces(manifests.configuration, manifests.resources))
        }
    }

    private func configuration() throws(ImageMapError) -> Configuration {
        var configuration = manifests.configuration
        if let imageMap = options.imageMap { configuration.append(try ImageMap.read(imageMap)) }
        return configuration
    }

    /// The documents with what the references came to; the lock files are written where there are to be any.
    ///
    /// - Throws: `TextFileError` naming a lock, `MissingDigestError` where imgpkg's can't hold an image.
    public func documents(with images: [String: ResolvedImage]) async throws -> [String] {
        announce(images)
        try writeLocks(of: images)
        return try await texts(with: images)
    }

    /// Tells what each reference came to.
    func announce(_ images: [String: ResolvedImage]) {
        for (reference, image) in images.sorted(by: { $0.key < $1.key }) {
            context.log("final: \(reference) -> \(image.url)")
        }
    }

    /// Writes the lock files, where there are to be any.
    ///
    /// - Throws: `TextFileError` naming a lock, `MissingDigestError` where imgpkg's can't hold an image.
    func writeLocks(of images: [String: ResolvedImage]) throws {
        let sorted = images.sorted { $0.key < $1.key }
        if let path = options.lockOutput {
            var lock = LockOutput(
                minimumRequiredVersion: context.version,
                searchRules: manifests.configuration.givenRules,
                images: sorted.map { LockOutput.Entry(matcher: .image($0.key), newImage: $0.value.url) }
            )
            lock.finders = manifests.configuration.finders
            lock.keepsNonReferences = manifests.configuration.keepsNonReferences
            try TextFile.write(lock.text, to: path)
        }
        if let path = options.imgpkgLockOutput { try TextFile.write(try imgpkgLock(of: sorted).text, to: path) }
    }

    /// The documents without what charts say of themselves, which is no resource.
    private var printed: [YAMLDocument] {
        manifests.resources.filter { !ChartRendering.isNote($0) || options.files.contains($0.file) }
    }

    /// The documents with what the references came to, as they are printed.
    func texts(with images: [String: ResolvedImage]) async throws -> [String] {
        try await ReferenceUpdate(manifests.configuration)
            .texts(of: printed, images, annotates: options.annotates, keepsTags: options.keepsTags)
    }

    /// The documents with what the references came to.
    func resolved(by images: [String: ResolvedImage]) throws -> InputDocuments {
        let update = ReferenceUpdate(manifests.configuration)
        var resolved = manifests
        resolved.resources = try manifests.resources.map { resource in
            var resource = resource
            resource.value = try update.apply(
                images,
                to: resource,
                annotates: options.annotates,
                keepsTags: options.keepsTags
            )
            return resource
        }
        return resolved
    }

    /// `images: [{image: nginx}]`, which is found by the rule that is always there.
    private static func list(of images: [String]) -> YAMLDocument {
        let entries = images.uniqued().map { YAMLValue.map(["image": .string($0)]) }
        return YAMLDocument(value: .map(["images": .list(entries)]), file: "list of images", index: 1, line: 1)
    }

    private func imgpkgLock(
        of images: [(key: String, value: ResolvedImage)]
    ) throws(MissingDigestError) -> ImagesLock {
        // imgpkg takes no other, nor does kbld.
        for (reference, image) in images where (try? DigestReference(image.url)) == nil {
            throw MissingDigestError(reference: reference, image: image.url)
        }
        return ImagesLock(
            images: images.map { reference, image in
                ImagesLock.Entry(
                    reference: reference,
                    image: image.url,
                    origins: options.tellsOrigins ? image.origins : []
                )
            }
        )
    }

    private func builder(with registry: any ImageRegistry) -> ImageResolver.Build {
        let build = SourceBuild(
            path: context.variables["PATH"] ?? "",
            log: options.buildLog,
            tag: { image, tags in
                let reference = try DigestReference(image)
                try await registry.destination(reference.repository).tag(reference.digest, as: tags.map { try Tag($0) })
            },
            lookUp: { repository, tag in
                try await registry.repository(repository).resolve(tag).digest
            }
        )
        return { reference, source, destination in try await build(reference, source, destination) }
    }
}

/// An image that an imgpkg lock can't hold.
package struct MissingDigestError: HintedError, Sendable {
    /// The reference as written.
    package let reference: String
    /// What it came to.
    package let image: String

    /// What is wrong with the image, and what takes it.
    package var message: HintedText {
        "Writing the imgpkg lock: expected the image of '\(reference)' to be in digest form, got '\(image)'"
            + "\(hint: .lockFile, after: "; ", before: " takes such images")"
    }
}
