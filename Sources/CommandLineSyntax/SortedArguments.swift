import DocumentInput

/// The arguments as programs in Go take them, brought into the form that the argument parser takes.
///
/// The command may stand behind flags (`kbld -f x.yml inspect`), `--flag=false` switches a flag off, letters can be
/// joined with their values and with each other (`-ffile`, `-f=file`, `-yf file`), and a flag's value may begin with a
/// dash.
public struct SortedArguments: Sendable {
    /// The command and its subcommand, by their own names; empty for the default.
    public private(set) var path: [String] = []
    /// Everything else in its order.
    public private(set) var rest: [String] = []
    /// Whether help is asked for.
    public private(set) var asksForHelp = false
    /// A topic that help was asked for and that is no command.
    public private(set) var unknownTopic: String?

    /// The commands that a word may still name.
    private var commands: [CommandName]
    private var takesCommand = true

    /// Sorts and rewrites `arguments`.
    ///
    /// - Parameter commands: The program's commands.
    /// - Throws: `ArgumentError` for a flag that is neither on nor off, and for a name that isn't UTF-8 where none can be.
    public init(_ arguments: [String], commands: [CommandName]) throws(ArgumentError) {
        self.commands = commands
        try sort(arguments)
        try checkNames()
    }

    private mutating func sort(_ arguments: [String]) throws(ArgumentError) {
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
    private func checkNames() throws(ArgumentError) {
        var isFile = false
        for argument in rest {
            defer { isFile = argument == "--file" || argument == "-f" }
            guard !isFile, !argument.hasPrefix("--file="), !InputName.isExact(argument) else { continue }
            throw .notText(argument)
        }
    }

    private mutating func takeName(
        _ argument: String,
        _ remaining: inout ArraySlice<String>
    ) throws(ArgumentError) {
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
            throw .notBoolean(flag: name, value: String(halves[1]))
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
        // `kbld help package` and `kbld package help`
        if takesCommand, !commands.isEmpty, word == "help" {
            asksForHelp = true
            return
        }
        if takesCommand, let found = commands.first(where: { $0.isCalled(word) }) {
            commands = found.subcommands
            path.append(found.name)
        } else {
            if asksForHelp, takesCommand { unknownTopic = word }
            takesCommand = false
            rest.append(word)
        }
    }
}
