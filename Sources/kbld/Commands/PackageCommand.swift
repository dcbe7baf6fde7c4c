import ArgumentParser

/// `kbld package`: makes packages, and works on them. Without a subcommand it creates one.
struct PackageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "package",
        abstract: "Download all images into one tarball.",
        subcommands: [
            PackageCreateCommand.self,
            PackageInspectCommand.self,
            PackageDiffCommand.self,
            PackageMergeCommand.self,
            PackageConvertCommand.self,
            PackageLoadCommand.self,
            PackageJoinCommand.self,
            PackageListCommand.self,
            PackageCatCommand.self,
            PackageExtractCommand.self,
            PackageSignCommand.self,
            PackageKeygenCommand.self,
        ],
        defaultSubcommand: PackageCreateCommand.self,
        aliases: ["pkg"]
    )
}
