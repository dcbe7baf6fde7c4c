/// Completion scripts for shells, made from the program's declarations. They need neither the program nor other scripts
/// when they run.
package struct CompletionScript {
    let program: CommandDeclaration
    /// All commands with the words that lead to them.
    let nodes: [Node]

    /// A command and where it is.
    struct Node {
        /// Empty for the program itself, `/package/inspect` for a command.
        let path: String
        /// The command with this name.
        let named: CommandDeclaration
        /// The command that does the work, whose flags and arguments are taken.
        var command: CommandDeclaration { named.working }

        /// The commands below it.
        var commands: [CommandDeclaration] {
            named.subcommands?.filter { $0.shouldDisplay != false && $0.commandName != "help" } ?? []
        }

        /// The forms of flags that are offered: of a switch only the one that changes something.
        var flags: [CommandDeclaration.Argument] {
            let all = command.arguments?.filter { $0.kind != .positional && $0.shouldDisplay } ?? []
            let negated = Set(all.flatMap(\.flags).filter { $0.hasPrefix("--no-") })
            let isOn = Set(all.compactMap { flag in flag.defaultValue.flatMap { flag.flags.contains($0) ? $0 : nil } })
            return all.filter { flag in
                guard flag.kind == .flag, let name = flag.flags.first(where: { $0.hasPrefix("--") }) else {
                    return true
                }
                if name.hasPrefix("--no-") { return isOn.contains("--" + name.dropFirst(5)) }
                return !isOn.contains(name) || !negated.contains("--no-" + name.dropFirst(2))
            }
        }
    }

    /// What completes a value.
    enum Value: Hashable {
        case files
        case folders
        case words([String])
        /// Nothing does.
        case other
    }

    /// Prepares scripts for `program`.
    package init(_ program: CommandDeclaration) {
        self.program = program
        func nodes(_ command: CommandDeclaration, _ path: String) -> [Node] {
            let inner = command.subcommands?.filter { $0.commandName != "help" } ?? []
            return [Node(path: path, named: command)] + inner.flatMap { nodes($0, "\(path)/\($0.commandName)") }
        }
        self.nodes = nodes(program, "")
    }

    /// What completes the value of an argument or flag, by what its value is called.
    static func value(of argument: CommandDeclaration.Argument) -> Value {
        if !argument.suggestions.isEmpty { return .words(argument.suggestions) }
        let names = Set((argument.valueName ?? "").lowercased().split { !$0.isLetter }.map(String.init))
        if !names.isDisjoint(with: ["folder", "directory"]) { return .folders }
        let files: Set = [
            "file", "files", "path", "package", "packages", "subject", "before", "after", "tarball", "source",
            "destination",
        ]
        return names.isDisjoint(with: files) ? .other : .files
    }

    /// What completes the arguments of a command, by their places, and what completes all further ones.
    static func arguments(of command: CommandDeclaration) -> (places: [Value], further: Value) {
        let values = command.positionals.map(value)
        guard let last = values.last, command.positionals.last?.isRepeating == true else { return (values, .other) }
        return (values.dropLast(), last)
    }

    /// All names of flags with values.
    var valueFlags: [String] {
        Set(nodes.flatMap { $0.command.arguments ?? [] }.filter { $0.kind == .option }.flatMap(\.flags)).sorted()
    }

    /// The flags with values, by what completes them; with the path of a command where commands differ.
    var values: [(value: Value, flags: [(path: String?, flag: String)])] {
        var meanings: [String: [String: Value]] = [:]
        for node in nodes {
            for argument in node.command.arguments ?? [] where argument.kind == .option {
                for flag in argument.flags { meanings[flag, default: [:]][node.path] = Self.value(of: argument) }
            }
        }
        var found: [Value: [(String?, String)]] = [:]
        for (flag, places) in meanings.sorted(by: { $0.key < $1.key }) {
            if Set(places.values).count == 1, let value = places.values.first {
                found[value, default: []].append((nil, flag))
            } else {
                for (path, value) in places.sorted(by: { $0.key < $1.key }) {
                    found[value, default: []].append((path, flag))
                }
            }
        }
        func key(_ flags: [(String?, String)]) -> (String, String) { (flags[0].1, flags[0].0 ?? "") }
        return found.filter { $0.key != .other }.sorted { key($0.value) < key($1.value) }.map { ($0.key, $0.value) }
    }

    /// The words that lead from one command to another: path, word, path.
    var steps: [(from: String, words: [String], to: String)] {
        nodes.flatMap { node in
            (node.named.subcommands ?? []).filter { $0.commandName != "help" }.map {
                (node.path, [$0.commandName] + ($0.aliases ?? []), "\(node.path)/\($0.commandName)")
            }
        }
    }

    /// A text for a shell, in single quotes.
    static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: #"'\''"#) + "'" }

    /// The first sentence of what something is for.
    static func summary(_ abstract: String?) -> String {
        let line = (abstract ?? "").prefix { $0 != "\n" }
        let sentence = line.firstRange(of: ". ").map { line[..<$0.lowerBound] } ?? line
        return String(sentence.hasSuffix(".") ? sentence.dropLast() : sentence)
    }
}
