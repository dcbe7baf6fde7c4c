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
    ).ofProgram

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
        try BackupFaultsError.check(items, "can't be restored")
        log.line("\(Count.text(items.count, "backup")), 0 errors")
    }
}
