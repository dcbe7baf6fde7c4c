import ArgumentParser
import KbldWorkflows

/// `kbld package keygen`: a new key to sign packages with.
struct PackageKeygenCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "keygen",
        abstract: "Make a key to sign packages with.",
        discussion: """
            Writes NAME.key, which only those who sign may have, and NAME.pub, for those who install: ECDSA on P-256, in
            PEM. Files that are there aren't overwritten.

            Examples:
              kbld package keygen
              kbld package keygen release
            """
    ).ofProgram

    @Argument(help: ArgumentHelp("What the files are called.", valueName: "name"))
    var name = "kbld"

    @OptionGroup var logFlags: LogFlags

    func run() async throws {
        try KeyPair(name: name).write(log: Log(prefix: "keygen | ").sink)
    }
}
