import ArgumentParser
import KbldWorkflows

/// `kbld logout`: a login is forgotten.
struct LogoutCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "logout",
        abstract: "Remove the login for a registry from where docker keeps it.",
        discussion: """
            Example:
              kbld logout registry.example.com
            """
    ).ofProgram

    @Argument(help: ArgumentHelp("The registry: host or host:port; docker.io for Docker Hub.", valueName: "registry"))
    var registry: String

    @OptionGroup var logFlags: LogFlags

    func validate() throws { _ = try RegistryArgument.host(registry) }

    func run() async throws {
        let log = Log(prefix: "logout | ")
        let host = try RegistryArgument.host(registry)
        let work = try LoginWorkflow(to: host, in: WorkflowContext(log: log))
        log.line(try await work.logOut() ? "removed the login for \(host)" : "there was no login for \(host)")
    }
}
