import ArgumentParser
import CommandLineSyntax
import ContainerImage
import FoundationEssentials

/// What the arguments ask for: a command with its flags, or help.
struct CommandLineArguments {
    private let sorted: SortedArguments

    /// Whether help is asked for.
    var asksForHelp: Bool { sorted.asksForHelp }

    /// The names of the command and those above it, without the program's.
    var path: [String] { sorted.path }

    /// The command, as the log names it: a default one by what it stands for.
    var name: String { path.last { $0 != PackageCreateCommand.configuration.commandName } ?? "resolve" }

    /// The command that is named.
    let command: any ParsableCommand.Type

    /// Whether a command is all there is, which has no arguments then.
    func isBare(_ command: any ParsableCommand.Type) -> Bool { self.command == command && sorted.rest.isEmpty }

    /// Sorts and rewrites `arguments`.
    ///
    /// - Throws: `ArgumentError` for what can't be meant.
    init(_ arguments: [String]) throws {
        let arguments = Self.completionRequest(arguments) ?? arguments
        sorted = try SortedArguments(arguments, commands: Self.names(below: Kbld.self))
        command = sorted.path.reduce(Kbld.self as any ParsableCommand.Type) { command, name in
            command.configuration.subcommands.first { $0.configuration.commandName == name } ?? command
        }
    }

    /// What all programs with this argument parser print, `--generate-completion-script SHELL`: it is our own script, and
    /// for the user's shell where none is named.
    private static func completionRequest(_ arguments: [String]) -> [String]? {
        let halves = arguments.first?.split(separator: "=", maxSplits: 1) ?? []
        guard halves.first == "--generate-completion-script" else { return nil }
        let own = ProcessInfo.processInfo.environment["SHELL"]?.split(separator: "/").last
        let shell = halves.dropFirst().first.map(String.init) ?? arguments.dropFirst().first ?? own.map(String.init)
        return ["completion"] + (shell.map { [$0] } ?? [])
    }

    private static func names(below command: any ParsableCommand.Type) -> [CommandName] {
        command.configuration.subcommands.map { inner in
            let configuration = inner.configuration
            return CommandName(
                configuration.commandName ?? "",
                aliases: configuration.aliases,
                subcommands: names(below: inner)
            )
        }
    }

    /// The command with its flags.
    ///
    /// Only the command itself is shown to the parser: those above it have no flags of their own, and looking at each takes
    /// the parser a millisecond or two.
    ///
    /// - Throws: `ArgumentError` for the first thing that was mistyped; the argument parser's errors.
    func parsed() throws -> any ParsableCommand {
        let command = try checked()
        warnOfRepetitions()
        return command
    }

    /// The same without a warning: for arguments that another process gets.
    func checked() throws -> any ParsableCommand {
        do {
            return try parse()
        } catch {
            if Kbld.exitCode(for: error) != .success, let mistake = try review().firstMistake(in: sorted.rest) {
                throw mistake
            }
            throw error
        }
    }

    /// What can be given once: another one was probably left over, and what it names isn't written, read or copied.
    private func warnOfRepetitions() {
        let paths = [
            "-i": "--input", "-o": "--output", "--input": "--input", "--output": "--output",
            "--lock-output": "--lock-output", "--imgpkg-lock-output": "--imgpkg-lock-output",
            "--image-map-file": "--image-map-file", "--shard": "--shard",
        ]
        let given = sorted.rest.compactMap { paths[String($0.prefix { $0 != "=" })] }
        guard Set(given).count < given.count, let text = try? review().repetition(in: sorted.rest) else { return }
        Log.warning(HintedText(text))
    }

    /// Makes sure that what help is asked for is a command.
    ///
    /// - Throws: `ArgumentError`.
    func checkTopic() throws {
        if let topic = sorted.unknownTopic { throw try review().mistake(inTopic: topic) }
        // `kbld pgk --help`
        if !command.configuration.subcommands.isEmpty, let mistake = try review().firstMistake(in: sorted.rest),
            case .unknownCommand = mistake
        {
            throw mistake
        }
    }

    /// The parser's declarations are read only where something is wrong: that takes longer than all the rest.
    private func review() throws -> ArgumentReview {
        ArgumentReview(path: sorted.path, of: try CommandDeclaration(json: Kbld._dumpHelp()))
    }

    private func parse() throws -> any ParsableCommand {
        let isRoot = sorted.rest.contains { argument in
            Self.rootFlags.contains { argument == $0 || argument.hasPrefix($0 + "=") } || argument.hasPrefix("---")
        }
        if isRoot { return try Kbld.parseAsRoot(sorted.path + sorted.rest) }
        var command = command
        while let inner = command.configuration.defaultSubcommand { command = inner }
        return try command.parseAsRoot(sorted.rest)
    }

    /// What the argument parser answers for the program as a whole.
    private static let rootFlags = ["--version", "--experimental-dump-help"]
}
