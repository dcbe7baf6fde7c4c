import ArgumentParser

/// `kbld backup`: repositories go into a folder of backups. Without a subcommand it makes one.
struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup",
        abstract: "Back repositories up, with all their tags.",
        subcommands: [
            BackupCreateCommand.self,
            BackupListCommand.self,
            BackupVerifyCommand.self,
        ],
        defaultSubcommand: BackupCreateCommand.self
    )
}
