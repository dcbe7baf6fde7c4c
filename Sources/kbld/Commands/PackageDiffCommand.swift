import ArgumentParser
import ContainerImage
import KbldWorkflows
import PackageReport
import Presentation

/// `kbld package diff`: what is different between two sets of images.
struct PackageDiffCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Show which images and layers differ.",
        discussion: """
            Each side is a package, documents or a lock file, or a reference. The exit status is 0, with --exit-code 1 \
            where there are differences.

            Examples:
              kbld package diff old.tar new.tar
              kbld package diff old.lock.yml new.lock.yml --json
              kbld package diff nginx:1.28 nginx:1.29
              kbld package diff images.tar resolved.yml --exit-code
            """
    ).ofProgram

    @Argument(help: ArgumentHelp("The first side.", valueName: "before"), completion: .file())
    var before: String?

    @Argument(help: ArgumentHelp("The second side.", valueName: "after"), completion: .file())
    var after: String?

    @Option(
        name: [.customShort("i"), .customLong("input")],
        help: ArgumentHelp("A side, in place of an argument.", valueName: "file"),
        completion: .file()
    )
    var inputs: [String] = []

    @Flag(
        name: .customLong("exit-code"),
        inversion: .prefixedNo,
        help: "Exit with 1 if there are differences."
    )
    var exitCode = false

    @OptionGroup var registryFlags: RegistryFlags
    @OptionGroup var readingFlags: ReadingFlags
    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var columnFlags: ColumnFlags<Columns>
    @OptionGroup var temporaryFlags: TemporaryFolderFlags
    @OptionGroup var logFlags: LogFlags

    @Option(help: ArgumentHelp("Concurrent requests.", valueName: "count"))
    var concurrency = 16

    /// What is known of a change.
    enum Columns: TableColumns {
        static let headings = ["Change", "Before", "After", "To move", "No longer needed"]
    }

    private var sides: [String] { PackageArgument.all(inputs, [before, after].compactMap(\.self)) }

    func validate() throws {
        try columnFlags.check()
        guard sides.count == 2 else {
            throw ValidationError("two sides are compared, not \(sides.count): before and after")
        }
        try PackageArgument.checkStandardInput(sides)
        try Concurrency.check(concurrency)
    }

    func run() async throws {
        let log = Log(prefix: "diff | ")
        let context = try WorkflowContext(registryFlags, reading: readingFlags, temporary: temporaryFlags, log: log)
        let work = try DiffWorkflow(sides[0], sides[1], atMost: concurrency, in: context)
        let diff = try await withProgress(of: "diff") { try await work.run(progress: $0) }
        if consoleFlags.json {
            try StandardOutput.write(TerminalText.json(ReportJSON.text(of: diff)))
        } else {
            let console = Console(consoleFlags.options(of: columnFlags))
            try console.table(
                Table(
                    content: "changes",
                    header: Columns.headings,
                    rows: diff.changes.map {
                        [
                            $0.kind.rawValue, $0.before ?? "-", $0.after ?? "-", "\(ByteCount($0.addedBytes))",
                            "\(ByteCount($0.removedBytes))",
                        ]
                    },
                    grid: Table.Grid(
                        styles: [.text, .name, .name, .number, .number],
                        totals: [
                            Count.text(diff.changes.count, "change"), "", "", "\(ByteCount(diff.addedLayers.bytes))",
                            "\(ByteCount(diff.removedLayers.bytes))",
                        ]
                    )
                )
            )
            // The log has the outcome.
            try console.finish(false)
        }
        for change in diff.platforms {
            let (before, after) = (change.before.joined(separator: ", "), change.after.joined(separator: ", "))
            log.line("\(change.reference) has \(before) before, \(after) after")
        }
        log.line(diff.summary)
        if exitCode, !diff.isEmpty { throw ExitCode(1) }
    }
}
