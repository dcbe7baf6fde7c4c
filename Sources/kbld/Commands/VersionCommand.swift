import ArgumentParser

/// `kbld version`.
struct VersionCommand: ParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.").ofProgram

    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var columnFlags: ColumnFlags<NoColumns>
    @OptionGroup var logFlags: LogFlags

    func run() throws { try Self.run(consoleFlags.options) }

    /// Prints the version. Without flags there is nothing to parse, and this is all that the program does.
    static func run(_ options: ConsoleOptions = ConsoleOptions(isJSON: false, isForTerminal: false)) throws {
        let console = Console(options)
        try console.block(BuildInformation.compatibleLine + "\n")
        // Scripts take all that standard output has, the original's own tests among them.
        if options.isJSON {
            try console.block(BuildInformation.line + "\n")
        } else {
            Log.write(BuildInformation.line)
        }
        try console.finish()
    }
}
