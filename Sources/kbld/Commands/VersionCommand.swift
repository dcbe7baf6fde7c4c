import ArgumentParser

/// `kbld version`.
struct VersionCommand: ParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var logFlags: LogFlags

    func run() throws {
        let console = consoleFlags.console()
        try console.block("kbld version \(Kbld.version)\n")
        try console.finish()
    }
}
