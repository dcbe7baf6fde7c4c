import ArgumentParser
import ImageStore
import KbldWorkflows
import Packages
import RegistryMirroring

/// `kbld mirror run`: the target gets what it lacks.
struct MirrorRunCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Copy what the target lacks.",
        discussion: """
            Nothing is deleted. With --output, what the file names goes into a package instead, for the far side to unpackage.

            Examples:
              kbld mirror run -f mirror.yml
              kbld mirror run -f mirror.yml --failed rest.yml
              kbld mirror run -f mirror.yml --shard 0/4
              kbld mirror run -f mirror.yml -o mirror.tar --base last.tar
            """
    ).ofProgram

    @OptionGroup var mirrorFileFlags: MirrorFileFlags
    @OptionGroup var finderFlags: FinderFlags
    @OptionGroup var registryFlags: RegistryFlags
    @OptionGroup var rateFlags: RateFlags
    @OptionGroup var uploadFlags: UploadFlags
    @OptionGroup var baseFlags: BaseFlags
    @OptionGroup var shardFlags: ShardFlags
    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var columnFlags: ColumnFlags<MirrorPlanOutput.Columns>
    @OptionGroup var temporaryFlags: TemporaryFolderFlags
    @OptionGroup var logFlags: LogFlags

    @Flag(
        name: .customLong("keep-going"),
        inversion: .prefixedNo,
        help: ArgumentHelp("Go on where an image fails.", discussion: "The status is 1 all the same.")
    )
    var keepsGoing = true

    @Option(
        help: ArgumentHelp("Write a mirror file of what failed.", valueName: "file"),
        completion: .file()
    )
    var failed: String?

    @Flag(help: ArgumentHelp("Take tags that are there already for the mirror's own, which pruning may delete."))
    var adopt = false

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Write a package in place of the target.", valueName: "file"),
        completion: .file()
    )
    var output: String?

    @Option(
        help: ArgumentHelp("Of a package that is written: oci, or else kbld. Default: oci for a folder.")
    )
    var format: PackageFormatFlags.Format?

    @Flag(
        name: .customLong("dry-run"),
        inversion: .prefixedNo,
        help: "Show what would be copied, as mirror plan does; write nothing."
    )
    var dryRun = false

    func validate() throws {
        try columnFlags.check()
        try shardFlags.check([("--output", output != nil), ("--failed", failed != nil), ("--adopt", adopt)])
        guard output != nil || baseFlags.bases.isEmpty && format == nil else {
            throw ValidationError("--base and --format need --output")
        }
        guard output != "" else { throw ValidationError("--output must not be empty") }
        guard output == nil || !adopt && !dryRun && mirrorFileFlags.state == nil else {
            throw ValidationError("--adopt, --dry-run and --state can't be used with --output: the target isn't asked")
        }
        guard format.map({ [.kbld, .oci].contains($0) }) ?? true else {
            throw ValidationError("--format must be kbld or oci here")
        }
    }

    func run() async throws {
        let (log, summary) = (Log(prefix: "mirror | "), RunSummary(command: "mirror", moved: "copied"))
        var options = mirrorFileFlags.options
        options.failed = failed
        options.keepsGoing = keepsGoing
        options.adopts = adopt
        options.shard = try shardFlags.shard()
        options.rechecks = shardFlags.rechecks
        let work = try MirroringWorkflow(
            options,
            in: WorkflowContext(
                registryFlags,
                finders: finderFlags,
                rate: rateFlags,
                uploads: uploadFlags,
                temporary: temporaryFlags,
                log: log
            )
        )
        var package = output.map { MirroringWorkflow.PackageOutput(path: $0) }
        package?.format = format?.outputFormat
        package?.bases = baseFlags.bases
        let written = package
        let (plan, outcome) = try await withProgress(of: "mirror", keeps: package == nil) {
            progress -> (MirrorPlan, TransferProgress.Outcome?) in
            if dryRun { return (try await work.plan(), nil) }
            if let written { return (try await work.package(written, progress: progress), progress?.outcome) }
            return (try await work.run(progress: progress), progress?.outcome)
        }
        let isFile = output.map { $0 != PackagePath.standardStream } ?? false
        if !dryRun { summary.write(outcome, file: isFile ? output : nil) }
        if dryRun || consoleFlags.json, output != PackagePath.standardStream {
            try MirrorPlanOutput(plan: plan, target: "\(work.document.target)", isDone: !dryRun)
                .write(as: consoleFlags.options(of: columnFlags), log)
        }
        try MirrorFailuresError.check(plan)
    }
}
