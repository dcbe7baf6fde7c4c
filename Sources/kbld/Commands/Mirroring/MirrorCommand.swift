import ArgumentParser

/// `kbld mirror`: a registry is kept as a file says.
struct MirrorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mirror",
        abstract: "Keep a registry as a file says: copies of other registries' tags.",
        discussion: """
            Examples:
              kbld mirror plan -f mirror.yml
              kbld mirror run -f mirror.yml
            """,
        subcommands: [
            MirrorPlanCommand.self,
            MirrorRunCommand.self,
            MirrorPruneCommand.self,
            MirrorImportCommand.self,
        ]
    )
}
