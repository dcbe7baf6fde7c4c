import ArgumentParser
import ImageStore
import ImageTransfer
import KbldWorkflows
import Packages

/// `kbld copy`: images go from a registry or a package to another.
struct CopyCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy",
        abstract: "Copy images between registries, packages and OCI layouts, under the same digests.",
        discussion: """
            SOURCE is a reference or a package of any format. DESTINATION is a repository, with or without a tag, or a path:
            - (standard output), x.tar, ./x, or a folder for an OCI layout. The new references are printed.

            Examples:
              kbld copy nginx:1.29 registry.local/mirror/nginx
              kbld copy nginx:1.29 nginx.tar --platform linux/amd64
              kbld copy images.tar layout/
              kbld copy images.tar registry.local/app
            """
    ).ofProgram

    @Argument(help: ArgumentHelp("What is copied.", valueName: "source"), completion: .file())
    var source: String

    @Argument(help: ArgumentHelp("Where it goes.", valueName: "destination"), completion: .file())
    var destination: String

    @Option(
        help: ArgumentHelp(
            "Of a package that is written: kbld, oci, runtime or docker-archive. Default: oci for a folder, else kbld."
        )
    )
    var format: PackageFormatFlags.Format?

    @OptionGroup var compressionFlags: CompressionFlags
    @OptionGroup var partFlags: PackagePartFlags
    @OptionGroup var artifactFlags: ArtifactFlags
    @OptionGroup var registryFlags: RegistryFlags
    @OptionGroup var readingFlags: ReadingFlags
    @OptionGroup var rateFlags: RateFlags
    @OptionGroup var uploadFlags: UploadFlags
    @OptionGroup var resumeFlags: ResumeFlags
    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var temporaryFlags: TemporaryFolderFlags
    @OptionGroup var logFlags: LogFlags

    @Option(help: ArgumentHelp("Concurrent transfers.", valueName: "count"))
    var concurrency = 64

    private func place() throws -> CopyPlace {
        do {
            return try CopyPlace(destination: destination, compressed: compressionFlags.setting != nil)
        } catch {
            throw ValidationError(Hints.text(error.message))
        }
    }

    func validate() throws {
        try Concurrency.check(concurrency)
        if case .package(let path) = try CopyPlace(source: source) {
            if case .package(let output) = try place() {
                try OutputPaths.check([("the destination", output)], packages: [("the source", path)])
            }
            let selection = try artifactFlags.selection()
            guard !selection.takesReferrers, !selection.takesCosign, !selection.takesNonDistributable else {
                throw ValidationError(
                    "--referrers, --cosign and --include-non-distributable need a registry as the source; a package is "
                        + "copied with all that it has"
                )
            }
        } else {
            guard partFlags.imageFlags.patterns.isEmpty, !partFlags.whole else {
                throw ValidationError("--image and --whole need a package as the source")
            }
        }
        if case .package(let path) = try place() {
            let isFolder = PackageOutputFormat.isFolder(path, in: .oci)
            return try compressionFlags.check(format ?? (isFolder ? .oci : .kbld), output: path)
        }
        guard format == nil else { throw ValidationError("--format needs a path as the destination") }
        guard compressionFlags.setting == nil else {
            throw ValidationError("--compress needs a path as the destination")
        }
    }

    func run() async throws {
        let (log, summary) = (Log(prefix: "copy | "), RunSummary(command: "copy", moved: "copied"))
        var options = CopyWorkflow.Options(
            from: try CopyPlace(source: source),
            to: try place()
        )
        options.format = format?.outputFormat
        options.naming = format == .runtime ? LayoutNaming() : nil
        options.compression = compressionFlags.setting
        options.artifacts = try artifactFlags.selection()
        options.part = partFlags.part
        options.part.platforms = options.artifacts.platforms
        options.part.isSparse = options.artifacts.isSparse
        options.part.allowsMissingPlatform = options.artifacts.allowsMissingPlatform
        options.resumes = resumeFlags.resume
        options.concurrency = concurrency
        let work = try CopyWorkflow(
            options,
            in: WorkflowContext(
                registryFlags,
                rate: rateFlags,
                uploads: uploadFlags,
                reading: readingFlags,
                temporary: temporaryFlags,
                log: log
            )
        )
        let isPackage = if case .package = options.destination { true } else { false }
        let (references, outcome) = try await withProgress(of: "copy", keeps: !isPackage) { progress in
            (try await work.run(progress: progress), progress?.outcome)
        }
        let isFile = isPackage && destination != PackagePath.standardStream
        summary.write(outcome, file: isFile ? destination : nil)
        // Standard output is the tarball's then.
        guard destination != PackagePath.standardStream else { return }
        let console = Console(consoleFlags.options)
        if !isPackage { for reference in references { try console.block("\(reference)\n") } }
        try console.finish()
    }
}
