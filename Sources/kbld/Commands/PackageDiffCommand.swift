import ArgumentParser
import ContainerImage
import KbldWorkflows
import PackageReport

/// `kbld package diff`: what is different between two sets of images.
struct PackageDiffCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Show which images and layers differ between two packages, lock files or references.",
        discussion: """
            The exit status is 0, with --exit-code 1 where there are differences.

            Examples:
              kbld package diff old.tar new.tar
              kbld package diff old.lock.yml new.lock.yml --json
              kbld package diff nginx:1.28 nginx:1.29
              kbld package diff images.tar resolved.yml --exit-code
            """
    )

    @Argument(help: ArgumentHelp("The first side.", valueName: "before"))
    var before: String

    @Argument(help: ArgumentHelp("The second side.", valueName: "after"))
    var after: String

    @Flag(
        name: .customLong("exit-code"),
        inversion: .prefixedNo,
        help: "Exit with status 1 if there are differences."
    )
    var exitCode = false

    @OptionGroup var registryFlags: RegistryFlags
    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var logFlags: LogFlags

    @Option(help: ArgumentHelp("Maximum number of concurrent requests.", valueName: "count"))
    var concurrency = 16

    func validate() throws {
        guard concurrency > 0 else { throw ValidationError("--concurrency must be at least 1") }
    }

    func run() async throws {
        let log = Log(prefix: "diff | ")
        let context = try WorkflowContext(registryFlags, log: log)
        let work = try DiffWorkflow(before, after, atMost: concurrency, in: context)
        let diff = try await withProgress(of: "diff") { try await work.run(progress: $0) }
        if consoleFlags.options.isJSON {
            try StandardOutput.write(TerminalText.json(ReportJSON.text(of: diff)))
        } else {
            let console = Console(consoleFlags.options)
            try console.table(
                Table(
                    content: "changes",
                    header: ["Change", "Before", "After", "To move", "No longer needed"],
                    rows: diff.changes.map {
                        [
                            $0.kind.rawValue, $0.before ?? "", $0.after ?? "", "\(ByteCount($0.addedBytes))",
                            "\(ByteCount($0.removedBytes))",
                        ]
                    }
                )
            )
            try console.finish()
        }
        log.line(diff.summary)
        if exitCode, !diff.isEmpty { throw ExitCode(1) }
    }
}
