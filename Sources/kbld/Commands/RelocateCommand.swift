import ArgumentParser
import ImageStore
import KbldWorkflows
import ReferenceChecks

/// `kbld relocate`: all images go from their registries into one repository, with no file between.
struct RelocateCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "relocate",
        abstract: "Copy all images from registry to registry.",
        discussion: """
            Prints the documents with the new references.

            Examples:
              kbld relocate -f resolved.yml -r registry.local/app
              kbld relocate -f resolved.yml -r registry.local --repository-layout mirror
            """
    ).ofProgram

    @OptionGroup var fileFlags: FileFlags
    @OptionGroup var finderFlags: FinderFlags
    @OptionGroup var registryFlags: RegistryFlags
    @OptionGroup var readingFlags: ReadingFlags
    @OptionGroup var rateFlags: RateFlags
    @OptionGroup var uploadFlags: UploadFlags
    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var columnFlags: ColumnFlags<RelocationPlanOutput.Columns>
    @OptionGroup var logFlags: LogFlags

    @OptionGroup var destinationFlags: DestinationFlags
    @OptionGroup var shardFlags: ShardFlags
    @OptionGroup var artifactFlags: ArtifactFlags
    @OptionGroup var signatureFlags: SignatureFlags

    @OptionGroup var imageFlags: ImagePatternFlags

    @OptionGroup var mirrorFlags: MirrorOutputFlags

    @Option(name: .customLong("lock-output"), help: ArgumentHelp("Lock file to write.", valueName: "file"))
    var lockOutput: String?

    @Flag(
        name: .customLong("dry-run"),
        inversion: .prefixedNo,
        help: "Show what would be uploaded; write nothing."
    )
    var dryRun = false

    @Option(help: ArgumentHelp("Concurrent transfers.", valueName: "count"))
    var concurrency = 64

    func validate() throws {
        try destinationFlags.check()
        guard !fileFlags.files.isEmpty else { throw ValidationError("missing required option --file (at least one)") }
        try shardFlags.check([("--lock-output", lockOutput != nil), ("--mirror-config", mirrorFlags.folder != nil)])
        try OutputPaths.check(
            [("--lock-output", lockOutput), ("--signatures-report", signatureFlags.report)],
            packages: signatureFlags.inputs
        )
        try OutputPaths.check([("--signatures-report", signatureFlags.report)], documents: fileFlags.names)
        try OutputPaths.check(locks: [("--lock-output", lockOutput)], documents: fileFlags.names)
        try Concurrency.check(concurrency)
    }

    func run() async throws {
        let (log, summary) = (Log(prefix: "relocate | "), RunSummary(command: "relocate", moved: "copied"))
        let options = try options()
        let work = try await RelocateWorkflow(
            options,
            in: WorkflowContext(
                registryFlags,
                finders: finderFlags,
                rate: rateFlags,
                uploads: uploadFlags,
                reading: readingFlags,
                log: log
            )
        )
        guard !dryRun else {
            let plans = try await withProgress(of: "relocate") { try await work.plan(progress: $0) }
            return try RelocationPlanOutput(plans: plans).write(as: consoleFlags.options(of: columnFlags), log)
        }
        let (result, outcome) = try await withProgress(of: "relocate", keeps: true) { progress in
            (try await work.run(progress: progress), progress?.outcome)
        }
        summary.write(outcome)
        guard options.shard == nil else { return }
        let console = Console(consoleFlags.options)
        for text in try work.documents(with: result.images) { try console.block(text) }
        try console.finish()
        try result.mirrors?.finish()
    }

    private func options() throws -> RelocateWorkflow.Options {
        var options = RelocateWorkflow.Options(files: fileFlags.names, destination: try destinationFlags.plan())
        options.names = imageFlags.names
        options.mirrors = try mirrorFlags.settings()
        options.artifacts = try artifactFlags.selection()
        options.signatures = signatureFlags.options
        options.lockOutput = lockOutput
        options.shard = try shardFlags.shard()
        options.rechecks = shardFlags.rechecks
        options.concurrency = concurrency
        options.isDryRun = dryRun
        return options
    }
}
