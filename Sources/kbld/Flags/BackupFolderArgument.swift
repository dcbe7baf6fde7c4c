import ArgumentParser

/// Which folder has the backups.
struct BackupFolderArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("The folder of the backups.", valueName: "folder"), completion: .directory)
    var folder: String

    /// The folder without a slash at its end.
    var path: String { folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder }
}
