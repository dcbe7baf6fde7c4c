import ArgumentParser

/// `kbld completion SHELL`.
struct CompletionCommand: ParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "completion",
        abstract: "Print a completion script for a shell.",
        discussion: """
            Example:
              kbld completion bash > /etc/bash_completion.d/kbld
            """
    )

    /// The supported shells.
    enum Shell: String, ExpressibleByArgument, CaseIterable {
        case bash, zsh, fish
    }

    @Argument(help: "bash, zsh or fish.")
    var shell: Shell

    @OptionGroup var logFlags: LogFlags

    func run() throws {
        let kind: CompletionShell =
            switch shell {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        try StandardOutput.write(Kbld.completionScript(for: kind))
    }
}
