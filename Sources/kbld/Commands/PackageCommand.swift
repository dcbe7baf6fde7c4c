import ArgumentParser

/// `kbld package`: makes packages, and works on them. Without a subcommand it creates one.
struct PackageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "package",
        abstract: "Download all images into one tarball.",
        discussion: """
            Example:
              kbld pkg -f resolved.yml --output images.tar
            """,
        subcommands: [
            PackageCreateCommand.self,
            PackageInspectCommand.self,
            PackageDiffCommand.self,
            PackageMergeCommand.self,
        ],
        defaultSubcommand: PackageCreateCommand.self,
        aliases: ["pkg"]
    )
}
