import ArgumentParser
import KbldWorkflows
import RegistryMirroring

/// `kbld mirror plan`: what a run would do.
struct MirrorPlanCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan",
        abstract: "Show what a run would copy, move and keep.",
        discussion: """
            Asks both sides: lists of tags, and one HEAD for each tag. Nothing is copied or written.

            Examples:
              kbld mirror plan -f mirror.yml
              kbld mirror plan -f mirror.yml --json
            """
    ).ofProgram

    @OptionGroup var mirrorFileFlags: MirrorFileFlags
    @OptionGroup var finderFlags: FinderFlags
    @OptionGroup var registryFlags: RegistryFlags
    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var columnFlags: ColumnFlags<MirrorPlanOutput.Columns>
    @OptionGroup var logFlags: LogFlags

    func validate() throws { try columnFlags.check() }

    func run() async throws {
        let log = Log(prefix: "mirror | ")
        let work = try MirroringWorkflow(
            mirrorFileFlags.options,
            in: WorkflowContext(registryFlags, finders: finderFlags, log: log)
        )
        let plan = try await withProgress(of: "mirror") { _ in try await work.plan() }
        try MirrorPlanOutput(plan: plan, target: "\(work.document.target)")
            .write(as: consoleFlags.options(of: columnFlags), log)
        try MirrorFailuresError.check(plan)
    }
}
