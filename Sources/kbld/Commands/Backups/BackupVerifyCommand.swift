import ArgumentParser
import ContainerImage
import KbldWorkflows

/// `kbld backup verify`: whether the backups of a folder can be restored.
struct BackupVerifyCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Verify the backups of a folder: every byte, and that what one omits another has.",
        discussion: """
            Examples:
              kbld backup verify backups/
            """
    )

    @OptionGroup var folderArgument: BackupFolderArgument
    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var columnFlags: ColumnFlags<BackupTable.Columns>
    @OptionGroup var logFlags: LogFlags

    @Option(help: ArgumentHelp("Concurrent transfers.", valueName: "count"))
    var concurrency = 4

    func validate() throws {
        try columnFlags.check()
        try Concurrency.check(concurrency)
    }

    func run() async throws {
        let log = Log(prefix: "backup | ")
        let items = try await withProgress(of: "backup") { progress in
            try await BackupListing(folderArgument.path).verify(atMost: concurrency, progress: progress)
        }
        try BackupTable(items: items).write(as: consoleFlags.options(of: columnFlags))
        let bad = items.filter { !$0.errors.isEmpty }
        guard bad.isEmpty else {
            throw BackupFaultsError(
                lines: ["\(bad.count) of \(Count.text(items.count, "backup")) can't be restored:"]
                    + bad.flatMap { item in item.errors.map { "- \(item.file): \($0)" } }
            )
        }
        log.line("\(Count.text(items.count, "backup")), 0 errors")
    }
}

/// Backups that are damaged.
private struct BackupFaultsError: MultilineError {
    let lines: [HintedText]
}
