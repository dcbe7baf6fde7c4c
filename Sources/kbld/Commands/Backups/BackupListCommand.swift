import ArgumentParser
import KbldWorkflows

/// `kbld backup list`: the backups of a folder.
struct BackupListCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the backups of a folder.",
        discussion: """
            Examples:
              kbld backup list backups/
              kbld backup list backups/ --json
            """
    ).ofProgram

    @OptionGroup var folderArgument: BackupFolderArgument
    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var columnFlags: ColumnFlags<BackupTable.Columns>
    @OptionGroup var logFlags: LogFlags

    func validate() throws { try columnFlags.check() }

    func run() async throws {
        let items = try await BackupListing(folderArgument.path).items()
        if items.isEmpty { Log(prefix: "backup | ").line("'\(folderArgument.path)' has no backup") }
        try BackupTable(items: items).write(as: consoleFlags.options(of: columnFlags))
        try BackupFaultsError.check(items, "can't be read")
    }
}
