import ArgumentParser

/// `kbld version`.
struct VersionCommand: ParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var logFlags: LogFlags

    func run() throws {
        let console = Console(consoleFlags.options)
        try console.block(BuildInformation.compatibleLine + "\n")
        try console.block(BuildInformation.line + "\n")
        try console.finish()
    }
}
