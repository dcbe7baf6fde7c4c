import ArgumentParser
import ContainerImage
import ImageStore
import ImageTransfer
import PackageReport
import Packages
import RegistryClient

/// `kbld package create`, and `kbld package` alone: all images of the documents go into one tarball.
struct PackageCreateCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Download all images into one tarball.",
        discussion: """
            Examples:
              kbld pkg -f resolved.yml --output images.tar
              kbld pkg -f resolved.yml --output images.oci.tar --format oci
              kbld pkg -f resolved.yml --output images.tar --platform linux/amd64 --referrers --cosign
              kbld pkg -f resolved.yml --base last.tar --output delta.tar
              kbld pkg -f resolved.yml -o - | ssh host kbld unpkg -f resolved.yml -i - -r registry.local/app
              kbld pkg -f resolved.yml --dry-run
            """
    )

    @OptionGroup var fileFlags: FileFlags
    @OptionGroup var registryFlags: RegistryFlags
    @OptionGroup var resumeFlags: ResumeFlags
    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var logFlags: LogFlags
    @OptionGroup var formatFlags: PackageFormatFlags
    @OptionGroup var baseFlags: BaseFlags
    @OptionGroup var companionFlags: CompanionFlags

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Where the tarball is written; - is standard output.", valueName: "file")
    )
    var output: String?

    @Flag(
        name: .customLong("dry-run"),
        inversion: .prefixedNo,
        help: "Tell what would be packaged, and how large the tarball would be; write nothing and fetch no layer."
    )
    var dryRun = false

    @Option(help: ArgumentHelp("How many transfers are under way at once.", valueName: "count"))
    var concurrency = 64

    func validate() throws {
        guard dryRun || output?.isEmpty == false else {
            throw ValidationError("--output is missing: where the tarball goes")
        }
        guard concurrency > 0 else { throw ValidationError("--concurrency must be at least 1") }
        guard formatFlags.format == .kbld || !dryRun else {
            throw ValidationError("--dry-run tells of kbld's own format: leave out --format oci")
        }
        guard formatFlags.format == .kbld || baseFlags.bases.isEmpty else {
            throw ValidationError("--base goes with kbld's own format: leave out --format oci")
        }
    }

    func run() async throws {
        let writer = ArchiveWriter(path: output ?? "", resumes: resumeFlags.resume)
        if !dryRun, !formatFlags.writesFolder(writer.path) { try writer.check() }
        let manifests = try await fileFlags.manifests()
        let references = try PackagedReferences(manifests)
        if dryRun { return try await tellPlan(of: references) }
        let log = Log(prefix: "package | ")
        log.line("exporting \(references.count) images...")
        for text in references.texts { log.line("will export \(text)") }
        try await logFlags.withProgress(of: "package", copying: "downloading") { progress in
            try await registryFlags.withClient { client in
                let (images, plan) = try await layOut(references, in: client, log: log, progress: progress)
                if !baseFlags.bases.isEmpty { log.line(DeltaBase.summary(of: plan)) }
                try await formatFlags.write(
                    images,
                    as: plan,
                    to: writer,
                    from: { client.repository($0) },
                    atMost: concurrency,
                    progress: progress
                )
            }
        }
        log.line("exported \(references.count) images")
        // Standard output is the tarball's then.
        if writer.path != PackagePath.standardStream { try consoleFlags.console().finish() }
    }

    /// All that the package will hold, and where. Nothing but manifests and configs is fetched.
    private func layOut(
        _ references: PackagedReferences,
        in client: RegistryClient,
        log: Log,
        progress: TransferProgress?
    ) async throws -> (images: ImagesWithArtifacts, plan: ArchivePlan) {
        let read = try await companionFlags.read(
            references.all,
            in: client,
            atMost: concurrency,
            progress: progress
        )
        let gathered = try await companionFlags.gather(read, in: client, atMost: concurrency, log: log)
        let absent = try await baseFlags.absent(from: gathered.trees, in: client, atMost: concurrency)
        return (
            gathered,
            try ArchivePlan(gathered.trees, notes: PackageNotes(gathered), omitting: absent)
        )
    }

    /// What would be packaged. Nothing but manifests and configs is fetched: sizes follow from these.
    private func tellPlan(of references: PackagedReferences) async throws {
        let log = Log(prefix: "package | ")
        let (images, plan) = try await logFlags.withProgress(of: "package") { progress in
            try await registryFlags.withClient { client in
                try await layOut(references, in: client, log: log, progress: progress)
            }
        }
        let report = PackageReport(images.trees, subject: output ?? "dry run", packageBytes: plan.totalSize)
        try ReportOutput(report: report).write(to: consoleFlags)
        log.line("would export \(report.summary); nothing was written")
    }
}
