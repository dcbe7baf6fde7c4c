import ArgumentParser

/// `kbld version`.
struct VersionCommand: ParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var columnFlags: ColumnFlags<NoColumns>
    @OptionGroup var logFlags: LogFlags

    func run() throws {
        let console = Console(consoleFlags.options)
        try console.block(BuildInformation.compatibleLine + "\n")
        // Scripts take all that standard output has, the original's own tests among them.
        if consoleFlags.json {
            try console.block(BuildInformation.line + "\n")
        } else {
            Log.write(BuildInformation.line)
        }
        try console.finish()
    }
}
