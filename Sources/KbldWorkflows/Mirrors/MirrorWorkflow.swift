import ContainerImage
import DocumentInput
import ImageStore
import Packages

/// The configuration for nodes, of images that a package has, without a registry.
public struct MirrorWorkflow: Sendable {
    private let configuration: MirrorConfiguration

    /// Reads the documents and the package.
    ///
    /// - Parameters:
    ///   - files: The documents whose images count; none for all of the package.
    ///   - input: The package: a file or a folder.
    ///   - destination: Where the images are, or will be.
    /// - Throws: What is wrong with documents or package, `MissingImagesError`; `UnsupportedMirrorsError` where a format
    ///   can't express where images are; `ForeignFileError` for a file in the way.
    public init(
        files: [String],
        input: String,
        destination: DestinationPlan,
        _ settings: MirrorSettings,
        in context: WorkflowContext
    ) async throws {
        let documents = try await context.documents(in: files, areOptional: true)
        let package = try await context.package(at: input)
        PackageFormatLog.lines(package).forEach(context.log)
        let references = try UnpackagedReferences(documents, package)
        configuration = try MirrorConfiguration(
            settings,
            of: references.named(by: files),
            in: destination,
            filtered: package.metadata.platformFilters ?? [],
            options: context.registryOptions,
            log: context.log
        )
    }

    /// Writes the configuration, or compares it with what is there.
    ///
    /// - Throws: `TextFileError`; an error that names each file that differs.
    public func run() throws { try configuration.finish() }
}
