import ArgumentParser
import ContainerImage
import ImageStore
import KbldWorkflows
import PackageReport
import Packages

/// `kbld package create`, and `kbld package` alone: all images of the documents go into one tarball.
struct PackageCreateCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Download all images into one tarball.",
        discussion: """
            Examples:
              kbld pkg -f resolved.yml -o images.tar --platform linux/amd64
              kbld pkg nginx:1.29 redis:7 -o images.tar --lock-output kbld.lock.yml
              kbld pkg -f v2.yml --base v1.tar -o delta.tar
              kbld pkg -f resolved.yml -o - | ssh HOST 'cat > images.tar'
            """
    ).ofProgram

    @OptionGroup var fileFlags: FileFlags
    @OptionGroup var finderFlags: FinderFlags
    @OptionGroup var resolvingFlags: ResolvingFlags
    @OptionGroup var registryFlags: RegistryFlags
    @OptionGroup var readingFlags: ReadingFlags
    @OptionGroup var rateFlags: RateFlags
    @OptionGroup var resumeFlags: ResumeFlags
    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var columnFlags: ColumnFlags<ReportOutput.Columns>
    @OptionGroup var temporaryFlags: TemporaryFolderFlags
    @OptionGroup var logFlags: LogFlags
    @OptionGroup var formatFlags: PackageFormatFlags
    @OptionGroup var baseFlags: BaseFlags
    @OptionGroup var artifactFlags: ArtifactFlags
    @OptionGroup var signatureFlags: SignatureFlags

    @Option(
        name: .customLong("sign-key"),
        help: ArgumentHelp("Private key that signs the package.", valueName: "file"),
        completion: .file()
    )
    var signKey: String?

    @OptionGroup var signingFlags: SigningFlags
    @OptionGroup var checksumFlags: ChecksumFlags
    @OptionGroup var splitFlags: SplitFlags

    @Flag(
        name: .customLong("record-tags"),
        inversion: .prefixedNo,
        help: ArgumentHelp(
            "Record the images' tags, for kbld serve.",
            discussion: "Those that annotations, locks and references with a tag beside the digest tell."
        )
    )
    var recordTags = false

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Tarball to write; - is standard output.", valueName: "file")
    )
    var output: String?

    @Flag(
        name: .customLong("dry-run"),
        inversion: .prefixedNo,
        help: ArgumentHelp(
            "Show contents and exact size; write nothing.",
            discussion: "No layer is downloaded either."
        )
    )
    var dryRun = false

    @Option(help: ArgumentHelp("Concurrent transfers.", valueName: "count"))
    var concurrency = 64

    func validate() throws {
        guard dryRun || output?.isEmpty == false else {
            throw ValidationError("missing required option --output")
        }
        let locks: [OutputPaths.Named] = [
            ("--lock-output", resolvingFlags.lockOutput), ("--imgpkg-lock-output", resolvingFlags.imgpkgLockOutput),
        ]
        let outputs: [OutputPaths.Named] = [
            ("--output", dryRun ? nil : output), ("--output", splitFlags.index(of: output)),
            ("--resolved-output", resolvingFlags.resolvedOutput),
            ("--sha256-file", checksumFlags.path(for: output)), ("--signatures-report", signatureFlags.report),
        ]
        try OutputPaths.check(
            outputs + locks,
            packages: signatureFlags.inputs + [
                ("--sign-key", signKey), ("--key-password-file", signingFlags.passphraseFlags.file),
            ]
        )
        try OutputPaths.check(
            outputs,
            packages: baseFlags.bases.map { ("--base", $0) } + resolvingFlags.lists.map { ("--image-list-file", $0) },
            documents: fileFlags.names
        )
        try OutputPaths.check(locks: locks, documents: fileFlags.names)
        let readers = (fileFlags.names + resolvingFlags.lists).count { $0 == "-" }
        guard readers < 2 else {
            throw ValidationError("Standard input (-) can be given only once; give one of the others as a file")
        }
        try Concurrency.check(concurrency)
        let signing = try signingFlags.options(key: signKey, named: "--sign-key")
        guard formatFlags.format != .dockerArchive || (signing.key == nil && signing.command == nil) else {
            throw ValidationError(
                "--sign-key and --sign-command do not support --format docker-archive; use --format runtime"
            )
        }
        guard !fileFlags.files.isEmpty || !resolvingFlags.images.isEmpty || !resolvingFlags.lists.isEmpty else {
            throw ValidationError(
                "nothing to package: give documents with --file, images as arguments, or --image-list-file"
            )
        }
        guard formatFlags.format == .kbld || !dryRun else {
            throw ValidationError(
                "--dry-run supports only kbld's own format; remove --format \(formatFlags.format.rawValue)"
            )
        }
        try formatFlags.check(output: output)
        guard splitFlags.split == nil || formatFlags.compression == nil else {
            throw ValidationError("--split and --compress are mutually exclusive")
        }
        guard splitFlags.split == nil || output != PackagePath.standardStream else {
            throw ValidationError("--split writes files; name the package instead of -")
        }
        guard splitFlags.split == nil || !checksumFlags.isWanted else {
            throw ValidationError("--split always writes sums, to FILE.SHA256SUMS; remove --sha256-file")
        }
        guard splitFlags.volumes == nil else { return try validateVolumes() }
        guard formatFlags.format == .kbld || baseFlags.bases.isEmpty else {
            throw ValidationError(
                "--base supports only kbld's own format; remove --format \(formatFlags.format.rawValue)"
            )
        }
    }

    private func validateVolumes() throws {
        guard output != PackagePath.standardStream else {
            throw ValidationError("--volumes writes files; name the package instead of -")
        }
        guard output?.hasSuffix("/") != true else {
            throw ValidationError("--volumes writes several files; name the package in the folder")
        }
        guard formatFlags.format == .kbld else {
            throw ValidationError(
                "--volumes supports only kbld's own format; remove --format \(formatFlags.format.rawValue)"
            )
        }
        guard !checksumFlags.isWanted else {
            throw ValidationError("--volumes and --sha256-file are mutually exclusive")
        }
        guard !dryRun else { throw ValidationError("--volumes and --dry-run are mutually exclusive") }
    }

    func run() async throws {
        let (log, summary) = (Log(prefix: "package | "), RunSummary(command: "package", moved: "downloaded"))
        let checksum = try checksumFlags.checksum(of: dryRun ? nil : output)
        let work = try await workflow(
            in: WorkflowContext(
                registryFlags,
                finders: finderFlags,
                rate: rateFlags,
                reading: readingFlags,
                temporary: temporaryFlags,
                log: log
            )
        )
        guard !dryRun else {
            let plan = try await withProgress(of: "package") { try await work.plan(progress: $0) }
            let report = PackageReport(plan.trees, subject: output ?? "dry run", packageBytes: plan.size)
            try ReportOutput(report: report).write(as: consoleFlags.options(of: columnFlags))
            return log.line("would export \(report.plannedSummary); nothing was written")
        }
        let outcome = try await withProgress(of: "package", copying: "downloading") { progress in
            try await work.run(progress: progress)
            let outcome = progress?.outcome
            try await checksum?.write(progress: progress)
            return outcome
        }
        log.line("exported \(work.count) images")
        if work.count == 0 { Log.warning("the documents name no image, so the package is empty") }
        let isOneFile =
            output != PackagePath.standardStream && splitFlags.split == nil
            && splitFlags.volumes == nil
        summary.write(outcome, file: isOneFile ? output : nil)
        if splitFlags.split != nil, let output { log.line(try splitFlags.summary(of: output)) }
        // Standard output is the tarball's then.
        if output != PackagePath.standardStream { try Console(consoleFlags.options).finish() }
    }

    private func workflow(in context: WorkflowContext) async throws -> PackageWorkflow {
        let options = try options(log: context.log)
        guard resolvingFlags.resolves else { return try await PackageWorkflow(options, in: context) }
        let resolving = try resolvingFlags.options(files: fileFlags.names)
        return try await withProgress(of: "package") { progress in
            try await PackageWorkflow(
                options,
                resolving: resolving,
                writing: resolvingFlags.resolvedOutput,
                in: context,
                progress: progress
            )
        }
    }

    private func options(log: @escaping LogSink) throws -> PackageWorkflow.Options {
        var options = PackageWorkflow.Options(files: fileFlags.names, output: dryRun ? nil : output)
        options.format = formatFlags.outputFormat
        options.naming = formatFlags.naming
        options.compression = formatFlags.compression
        options.resumes = resumeFlags.resume
        options.bases = baseFlags.bases
        options.artifacts = try artifactFlags.selection()
        options.signatures = signatureFlags.options
        options.signing = try signingFlags.options(key: signKey, named: "--sign-key")
        options.recordsTags = recordTags
        options.concurrency = concurrency
        options.volumeSize = try splitFlags.volumeSize()
        options.volumes = try splitFlags.options(log: log)
        return options
    }
}
