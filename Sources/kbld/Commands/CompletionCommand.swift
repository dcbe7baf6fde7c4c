import ArgumentParser
import CommandLineSyntax

/// `kbld completion SHELL`.
struct CompletionCommand: ParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion",
        abstract: "Print a completion script for a shell.",
        discussion: """
            Example:
              kbld completion bash > /etc/bash_completion.d/kbld
            """
    ).ofProgram

    /// The supported shells.
    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash, zsh, fish
    }

    @Argument(help: "bash, zsh or fish.")
    var shell: Shell

    @OptionGroup var logFlags: LogFlags

    func run() throws {
        let script = CompletionScript(try CommandDeclaration(json: Kbld._dumpHelp()))
        switch shell {
        case .bash: try StandardOutput.write(script.bash)
        case .zsh: try StandardOutput.write(script.zsh)
        case .fish: try StandardOutput.write(script.fish)
        }
    }
}
