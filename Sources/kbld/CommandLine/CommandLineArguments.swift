import ArgumentParser
import DocumentInput

/// The arguments as programs in Go take them, brought into the form that the argument parser takes.
///
/// The command may stand behind flags (`kbld -f x.yml inspect`), `--flag=false` switches a flag off, letters can be
/// joined with their values and with each other (`-ffile`, `-f=file`, `-yf file`), and a flag's value may begin with a
/// dash.
struct CommandLineArguments {
    /// The command and its subcommand, by their own names; empty for the default.
    private(set) var path: [String] = []
    /// Everything else in its order.
    private(set) var rest: [String] = []
    /// Whether help is asked for.
    private(set) var asksForHelp = false
    /// A topic that `kbld help` was asked for and that is no command.
    private(set) var unknownTopic: String?

    private var all: [String] { path + rest }

    /// The command that `path` leads to.
    private(set) var command: any ParsableCommand.Type = Kbld.self
    private var takesCommand = true

    /// Sorts and rewrites `arguments`.
    ///
    /// - Throws: `ValidationError` for a flag that is neither on nor off, and for a name that isn't UTF-8 where none can be.
    init(_ arguments: [String]) throws {
        try sort(arguments)
        try checkNames()
    }

    private mutating func sort(_ arguments: [String]) throws {
        var remaining = arguments[...]
        // What completion scripts ask the argument parser is its own.
        guard arguments.first?.hasPrefix("---") != true else {
            rest = arguments
            return
        }
        while let argument = remaining.popFirst() {
            if argument == "--" {
                rest.append(argument)
                rest += remaining
                return
            } else if argument.hasPrefix("--") {
                try takeName(argument, &remaining)
            } else if argument.hasPrefix("-"), argument.count > 1 {
                takeLetters(argument, &remaining)
            } else {
                takeWord(argument)
            }
        }
    }

    /// Documents are read from files of any name. All others must be UTF-8: repaired, they would mean other files.
    private func checkNames() throws {
        var isFile = false
        for argument in rest {
            defer { isFile = argument == "--file" || argument == "-f" }
            guard !isFile, !argument.hasPrefix("--file="), !InputName.isExact(argument) else { continue }
            throw ValidationError("the argument '\(InputName.shown(argument))' is not UTF-8")
        }
    }

    /// The command with its flags.
    ///
    /// Only the command itself is shown to the parser: those above it have no flags of their own, and looking at each takes
    /// the parser a millisecond or two.
    ///
    /// - Throws: The argument parser's errors.
    func parsed() throws -> any ParsableCommand {
        let isRoot = rest.contains { argument in
            Self.rootFlags.contains { argument == $0 || argument.hasPrefix($0 + "=") } || argument.hasPrefix("---")
        }
        if isRoot { return try Kbld.parseAsRoot(all) }
        var command = command
        while let inner = command.configuration.defaultSubcommand { command = inner }
        return try command.parseAsRoot(rest)
    }

    /// What the argument parser answers for the program as a whole.
    private static let rootFlags = ["--version", "--generate-completion-script", "--experimental-dump-help"]

    private mutating func takeName(_ argument: String, _ remaining: inout ArraySlice<String>) throws {
        let halves = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(halves.first ?? "")
        guard BooleanFlags.contains(name) else {
            guard ValueFlags.names.contains(name) else { return rest.append(argument) }
            // The parser takes an empty value as an argument of its own only.
            if halves.count == 2, halves[1].isEmpty { return rest += ["--\(name)", ""] }
            // The next argument is the flag's, whatever it looks like.
            guard halves.count == 1, let value = remaining.popFirst() else { return rest.append(argument) }
            return rest += value.hasPrefix("-") && value.count > 1 ? ["\(argument)=\(value)"] : [argument, value]
        }
        guard halves.count == 2 else {
            if name == "help" { asksForHelp = true }
            return rest.append(argument)
        }
        guard let isOn = BooleanFlags.values[String(halves[1])] else {
            throw ValidationError("--\(name) is on or off: '\(halves[1])' is neither true nor false")
        }
        if name == "help" { asksForHelp = isOn }
        if isOn { rest.append("--\(name)") } else if BooleanFlags.names.contains(name) { rest.append("--no-\(name)") }
    }

    private mutating func takeLetters(_ argument: String, _ remaining: inout ArraySlice<String>) {
        var letters = argument.dropFirst()
        var taken: [String] = []
        while let letter = letters.popFirst() {
            if letter == "v" {
                taken.append("--version")
            } else if BooleanFlags.letters.contains(letter) {
                if letter == "h" { asksForHelp = true }
                taken.append("-\(letter)")
            } else if let name = ValueFlags.letters[letter] {
                if letters.isEmpty {
                    taken.append("-\(letter)")
                    guard let value = remaining.popFirst() else { break }
                    if value.hasPrefix("-"), value.count > 1 {
                        taken[taken.count - 1] = "--\(name)=\(value)"
                    } else {
                        taken.append(value)
                    }
                } else {
                    taken.append("--\(name)=\(letters.first == "=" ? letters.dropFirst() : letters)")
                }
                break
            } else {
                // Not known: the argument parser says so.
                return rest.append(argument)
            }
        }
        rest += taken
    }

    private mutating func takeWord(_ word: String) {
        if path.isEmpty, takesCommand, word == "help", !asksForHelp {
            asksForHelp = true
            return
        }
        let found = command.configuration.subcommands.first {
            $0.configuration.commandName == word || $0.configuration.aliases.contains(word)
        }
        if takesCommand, let found {
            command = found
            path.append(found.configuration.commandName ?? word)
        } else {
            if asksForHelp, takesCommand { unknownTopic = word }
            takesCommand = false
            rest.append(word)
        }
    }
}
