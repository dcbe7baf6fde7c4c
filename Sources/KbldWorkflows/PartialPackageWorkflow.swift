import ContainerImage
import DocumentInput
public import ImageStore
import ImageTransfer
import Packages

/// A part of a package becomes a package: what `PackageWorkflow` would write of the same images.
public struct PartialPackageWorkflow: Sendable {
    /// What is taken, and where it goes.
    public struct Options: Sendable {
        /// The package: a file, a folder, or a stream.
        public var input: String
        /// The files, folders and addresses of documents whose images are taken; empty for none.
        public var files: [String] = []
        /// What else is taken.
        public var part = PackagePart()
        /// The package that is written.
        public var output: String
        /// Its format.
        public var format = PackageOutputFormat.kbld

        /// Creates options to take a part of the package `input`.
        public init(input: String, output: String) {
            self.input = input
            self.output = output
        }
    }

    /// How many images the part has.
    public var count: Int { trees.count }
    private let writer: ArchiveWriter
    private let content: PackageInput
    private let trees: [ImageTree]
    private let layout: PackageLayout

    /// Reads the documents, opens the package and takes the part.
    ///
    /// - Throws: `ArchiveError` naming a package; `MissingImagesError` where it lacks images of the documents; what
    ///   taking the part throws.
    public init(_ options: Options, in context: WorkflowContext) async throws {
        writer = ArchiveWriter(path: options.output, resumes: false)
        let isFolder = PackageLayout.isFolder(options.output, in: options.format)
        if !isFolder { try writer.check() }
        let documents = try await context.documents(in: options.files, areOptional: true)
        // Blobs go into a folder in any order.
        content =
            isFolder
            ? .package(try await context.package(at: options.input)) : try await context.input(at: options.input)
        if case .package(let package) = content { PackageFormatLog.lines(package).forEach(context.log) }
        let (metadata, names) = (content.metadata, content.names)
        let references = try content.references(in: documents)
        var part = options.part
        part.isOfDocuments = !options.files.isEmpty
        let taken = try await part.taken(
            from: references.trees,
            metadata: metadata,
            names: names,
            wanted: references.wanted,
            at: options.input
        )
        taken.remarks.forEach(context.log)
        trees = taken.trees
        guard options.format == .kbld || metadata.omitted == nil else { throw CopyError.delta(options.output) }
        var signatures = SignatureEvidence.layers(in: trees, names: taken.metadata.names ?? [])
        // Layers of a stream are written as they come.
        if case .stream(let stream) = content, let next = try await stream.nextLayer(), !signatures.contains(next) {
            signatures = []
        }
        layout = try PackageLayout(
            trees,
            taken.metadata,
            as: options.format,
            at: options.output,
            omitting: metadata.omitted == nil ? nil : metadata.omittedDigests,
            first: signatures
        )
        for tree in trees { context.log("will extract \(tree.reference)") }
    }

    /// Writes the part.
    ///
    /// - Throws: `LayerError` naming the layer, `ArchiveError` naming a package.
    public func run(progress: TransferProgress?) async throws {
        switch content {
        case .package(let package):
            try await layout.write(to: writer, from: { _ in package }, atMost: 2, progress: progress)
        case .stream(let stream):
            guard let plan = try layout.tarball() else { throw ArchiveError.empty(path: stream.name) }
            try await writer.write(plan, streaming: stream, progress: progress)
        }
    }
}
