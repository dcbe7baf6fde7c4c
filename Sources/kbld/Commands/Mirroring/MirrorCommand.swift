import ArgumentParser

/// `kbld mirror`: a registry is kept as a file says.
struct MirrorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mirror",
        abstract: "Keep a registry as a file says: copies of other registries' tags.",
        subcommands: [
            MirrorPlanCommand.self,
            MirrorRunCommand.self,
            MirrorPruneCommand.self,
            MirrorImportCommand.self,
        ]
    )
}
