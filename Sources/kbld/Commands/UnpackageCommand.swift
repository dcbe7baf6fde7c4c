import ArgumentParser
import ImageStore
import KbldWorkflows
import Packages

/// `kbld unpackage`: all images of a tarball go into one repository.
struct UnpackageCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "unpackage",
        abstract: "Upload all images of a tarball to a repository.",
        discussion: """
            Prints the documents with the new references.

            Examples:
              kbld unpkg -f resolved.yml -i images.tar -r registry.local/app
              ssh HOST cat x.tar | kbld unpkg -f resolved.yml -i - -r registry.local/app
            """,
        aliases: ["unpkg"]
    ).ofProgram

    @OptionGroup var fileFlags: FileFlags
    @OptionGroup var finderFlags: FinderFlags
    @OptionGroup var registryFlags: RegistryFlags
    @OptionGroup var rateFlags: RateFlags
    @OptionGroup var uploadFlags: UploadFlags
    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var columnFlags: ColumnFlags<RelocationPlanOutput.Columns>
    @OptionGroup var temporaryFlags: TemporaryFolderFlags
    @OptionGroup var logFlags: LogFlags

    @OptionGroup var installedPartFlags: InstalledPartFlags
    @OptionGroup var destinationFlags: DestinationFlags
    @OptionGroup var shardFlags: ShardFlags
    @OptionGroup var mirrorFlags: MirrorOutputFlags
    @OptionGroup var signatureFlags: SignatureFlags
    @OptionGroup var trustFlags: TrustFlags

    @Option(
        help: ArgumentHelp("File for what arrived where, in JSON.", valueName: "file"),
        completion: .file()
    )
    var receipt: String?

    @Option(
        name: .customLong("sign-key"),
        help: ArgumentHelp(
            "Private key that signs the receipt.",
            discussion: "The signature is a bundle beside it, FILE.sigstore.json.",
            valueName: "file"
        ),
        completion: .file()
    )
    var signKey: String?

    @OptionGroup var passphraseFlags: PassphraseFlags

    @Argument(help: ArgumentHelp("The tarball, as with --input.", valueName: "file"), completion: .file())
    var package: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Tarball to read; - is standard input.",
            discussion: "Several are volumes of one package, in any order.",
            valueName: "file"
        ),
        completion: .file()
    )
    var input: [String] = []

    @Option(
        name: .customLong("base-repository"),
        help: ArgumentHelp(
            "Has layers that a delta omits.",
            discussion: "It is another repository than the destinations. Repeatable.",
            valueName: "repository"
        )
    )
    var baseRepositories: [String] = []

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
        let first = try PackageArgument.only(input.first, package)
        try PackageArgument.checkStandardInput([first] + input.dropFirst(), documents: fileFlags.names)
        let outputs: [OutputPaths.Named] = [
            ("--signatures-report", signatureFlags.report), ("--receipt", receipt), ("--state", trustFlags.state),
        ]
        try OutputPaths.check(
            outputs + [("--lock-output", lockOutput)],
            packages: ([first] + input.dropFirst()).map { ("the package", $0) } + signatureFlags.inputs
                + trustFlags.inputs + [("--sign-key", signKey), ("--key-password-file", passphraseFlags.file)]
        )
        try OutputPaths.check(outputs, documents: fileFlags.names)
        try OutputPaths.check(locks: [("--lock-output", lockOutput)], documents: fileFlags.names)
        guard !installedPartFlags.onlyDocuments || !fileFlags.names.isEmpty else {
            throw ValidationError("--only-documents needs --file")
        }
        guard signKey == nil || receipt != nil else { throw ValidationError("--sign-key requires --receipt") }
        guard signKey != nil || passphraseFlags.file == nil else {
            throw ValidationError("--key-password-file requires --sign-key")
        }
        try shardFlags.check([
            ("--lock-output", lockOutput != nil), ("--receipt", receipt != nil),
            ("--mirror-config", mirrorFlags.folder != nil), ("--signatures-report", signatureFlags.report != nil),
            ("--state", trustFlags.state != nil),
        ])
        try Concurrency.check(concurrency)
        for text in baseRepositories { _ = try RepositoryArgument.repository(text, of: "--base-repository") }
    }

    func run() async throws {
        let (log, summary) = (Log(prefix: "unpackage | "), RunSummary(command: "unpackage", moved: "uploaded"))
        let options = try options()
        let work = try await UnpackageWorkflow(
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
        guard !dryRun else {
            let plans = try await withProgress(of: "unpackage") { try await work.plan(progress: $0) }
            try RelocationPlanOutput(plans: plans).write(as: consoleFlags.options(of: columnFlags), log)
            if mirrorFlags.mirrorFlags.comparesOnly { try work.finishMirrors() }
            return
        }
        let (unfinished, outcome) = try await withProgress(of: "unpackage", copying: "uploading", keeps: true) {
            progress in
            (try await work.run(progress: progress), progress?.outcome)
        }
        if let unfinished {
            summary.write(outcome)
            return log.line("\(unfinished)")
        }
        log.line("imported \(work.count) images")
        summary.write(outcome)
        guard options.shard == nil else { return }
        let console = Console(consoleFlags.options)
        for text in try work.documents() { try console.block(text) }
        try console.finish()
        try work.finishMirrors()
    }

    private func options() throws -> UnpackageWorkflow.Options {
        var options = UnpackageWorkflow.Options(
            files: fileFlags.names,
            input: try PackageArgument.only(input.first, package),
            destination: try destinationFlags.plan()
        )
        options.baseRepositories = try baseRepositories.map {
            try RepositoryArgument.repository($0, of: "--base-repository")
        }
        options.signatures = signatureFlags.options
        options.part = try installedPartFlags.part()
        options.trust = trustFlags.options
        options.receipt = receipt
        options.receiptKey = signKey
        options.passphrase = passphraseFlags.passphrase
        options.lockOutput = lockOutput
        options.shard = try shardFlags.shard()
        options.rechecks = shardFlags.rechecks
        options.concurrency = concurrency
        options.mirrors = try mirrorFlags.settings()
        options.isDryRun = dryRun
        options.otherVolumes = Array(input.dropFirst())
        return options
    }
}
