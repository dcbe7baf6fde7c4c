import ContainerImage
import FoundationEssentials

/// Looks for the first thing in arguments that no command and no flag takes.
///
/// What is missing is only a consequence of what was mistyped, and so isn't what needs to be said.
package struct ArgumentReview {
    private let program: CommandDeclaration
    /// The command as it was named.
    private let named: CommandDeclaration
    /// The command that does the work.
    private let command: CommandDeclaration
    /// The named command with those above it: `kbld package`.
    private let title: String

    /// Prepares to look at arguments of the command that `path` leads to.
    package init(path: [String], of program: CommandDeclaration) {
        self.program = program
        named = path.reduce(program) { $0.subcommand($1) ?? $0 }
        command = named.working
        title = ([program.commandName] + path).joined(separator: " ")
    }

    /// The first mistake, nil where there is none that the declarations tell.
    ///
    /// - Parameter rest: The arguments that aren't the command's name, as `SortedArguments` gives them.
    package func firstMistake(in rest: [String]) -> ArgumentError? {
        var remaining = rest[...]
        var words: [String] = []
        var takesFlags = true
        while let argument = remaining.popFirst() {
            if takesFlags, argument == "--" {
                takesFlags = false
            } else if takesFlags, argument.hasPrefix("-"), argument.count > 1 {
                if let mistake = mistake(inFlag: argument, &remaining) { return mistake }
            } else {
                words.append(argument)
                if let mistake = mistake(inWord: argument, at: words.count) {
                    // What follows a mistyped command is that command's.
                    return words.count > 1 ? mistypedCommand(words[0]) ?? mistake : mistake
                }
            }
        }
        if let mistake = words.first.flatMap(mistypedCommand) { return mistake }
        if let missing = command.positionals.dropFirst(words.count).first(where: { !$0.isOptional }) {
            return .missingArgument(missing.placeholder, usage: usage)
        }
        let flag = command.arguments?.first { flag in
            flag.kind == .option && !flag.isOptional && !rest.contains { flag.isNamed(by: $0) }
        }
        return flag.map { flag in
            .missingFlag(flag.flags.first { $0.hasPrefix("--") } ?? flag.flags.first ?? "", flag.placeholder)
        }
    }

    private func mistypedCommand(_ word: String) -> ArgumentError? {
        nearestCommand(to: word).map { .unknownCommand(word, advice: "did you mean '\($0)'?") }
    }

    /// The mistake in a word that help was asked for and that is no command's name.
    package func mistake(inTopic word: String) -> ArgumentError {
        .unknownCommand(word, advice: nearestCommand(to: word).map { "did you mean '\($0)'?" } ?? list(of: "commands"))
    }

    /// A flag that is given several times although only its last value counts, in words.
    package func repetition(in rest: [String]) -> String? {
        var last: [String: String] = [:]
        var remaining = rest[...]
        while let argument = remaining.popFirst(), argument != "--" {
            let name = String(argument.prefix { $0 != "=" })
            guard let flag = command.flag(name), flag.kind == .option else { continue }
            let value = name == argument ? remaining.popFirst() ?? "" : String(argument.dropFirst(name.count + 1))
            guard !flag.isRepeating, let key = flag.flags.last(where: { $0.hasPrefix("--") }) else { continue }
            if let earlier = last.updateValue(value, forKey: key), earlier != value {
                return "\(key) is given several times, and only the last one counts: '\(value)', not '\(earlier)'"
            }
        }
        return nil
    }

    // MARK: Flags

    private func mistake(inFlag argument: String, _ remaining: inout ArraySlice<String>) -> ArgumentError? {
        let isLong = argument.hasPrefix("--")
        let name = isLong ? String(argument.prefix { $0 != "=" }) : argument
        guard let flag = command.flag(name) ?? program.flag(name) else {
            return .unknownFlag(name, advice: advice(onFlag: name, followedBy: remaining.first))
        }
        guard flag.kind == .option else { return nil }
        let joined = name == argument ? nil : String(argument[name.endIndex...].dropFirst())
        guard let value = joined ?? remaining.popFirst() else {
            return .missingValue(flag: name, flag.placeholder, before: nil)
        }
        if value.hasPrefix("-"), value.count > 1, command.flag(String(value.prefix { $0 != "=" })) != nil {
            return .missingValue(flag: name, flag.placeholder, before: value)
        }
        return mistake(inValue: value, of: name, flag)
    }

    private func mistake(
        inValue value: String,
        of name: String,
        _ argument: CommandDeclaration.Argument
    ) -> ArgumentError? {
        if !argument.values.isEmpty {
            guard !argument.values.contains(value) else { return nil }
            return .badValue(
                value,
                of: name,
                expected: Self.choice(argument.values),
                nearest: Spelling.nearest(to: value, among: argument.values)
            )
        }
        if let number = argument.defaultValue, Int64(number) != nil, Int64(value) == nil {
            return .badValue(value, of: name, expected: "a whole number", nearest: nil)
        }
        return nil
    }

    private func advice(onFlag name: String, followedBy next: String?) -> String {
        let known = command.arguments?.filter(\.shouldDisplay).flatMap(\.flags) ?? []
        let long = known.filter { $0.hasPrefix("--") }
        if name.hasPrefix("--"),
            let nearest = Spelling.nearest(to: String(name.dropFirst(2)), among: long.map { String($0.dropFirst(2)) })
        {
            return "did you mean --\(nearest)?"
        }
        // `verify -i images.tar`
        if let package = command.positionals.first, ["-i", "--input", "-f", "--file"].contains(name) {
            return "\(package.placeholder) is given without a flag: \(title) \(next ?? package.placeholder)"
        }
        let owners = owners(of: name)
        guard owners.isEmpty else {
            return "'\(title)' doesn't have it, but \(Self.enumeration(owners, "and")) "
                + (owners.count == 1 ? "does" : "do")
        }
        return list(of: "flags")
    }

    /// The commands that have this flag.
    private func owners(of name: String) -> [String] {
        func owners(_ command: CommandDeclaration, _ path: String) -> [String] {
            let own = command.working.flag(name).map { _ in ["'\(path)'"] } ?? []
            let inner = command.subcommands ?? []
            return own
                + inner.filter { $0.commandName != command.defaultSubcommand && $0.shouldDisplay != false }
                .flatMap { owners($0, "\(path) \($0.commandName)") }
        }
        let all = owners(program, program.commandName)
        return all.count > 4 ? [] : all
    }

    // MARK: Words

    private func mistake(inWord word: String, at position: Int) -> ArgumentError? {
        let positionals = command.positionals
        guard position > positionals.count, positionals.last?.isRepeating != true else {
            let place = min(position, positionals.count) - 1
            // What takes images takes no files.
            if positionals[place].valueName == "image", positionals[place].isRepeating, Self.isPackage(word) {
                return .package(word, advice: packageAdvice)
            }
            if positionals[place].valueName == "image", let flag = flag(forFile: word) {
                return .unexpected(word, advice: "did you mean '\(flag) \(word)'?")
            }
            return mistake(inValue: word, of: positionals[place].placeholder, positionals[place])
        }
        if let flag = flag(forFile: word) { return .unexpected(word, advice: "did you mean '\(flag) \(word)'?") }
        let isCommand = position == 1 && positionals.isEmpty && named.subcommands?.isEmpty == false
        if isCommand { return mistake(inTopic: word) }
        if program.subcommand(word) != nil { return .unexpected(word, advice: "only one command can be given") }
        return .unexpected(word, advice: "usage: \(usage)")
    }

    private var packageAdvice: String {
        "'\(program.commandName) copy' copies one, '\(program.commandName) package merge' joins several"
    }

    private static func isPackage(_ word: String) -> Bool {
        [".tar", ".tgz", ".gz", ".zst"].contains { word.hasSuffix($0) }
    }

    /// The flag that takes the file `word`, where that is one and the command has the flag.
    private func flag(forFile word: String) -> String? {
        let documents = [".yml", ".yaml", ".json"]
        let isDocument =
            documents.contains { word.hasSuffix($0) } || word.hasPrefix("http://") || word.hasPrefix("https://")
        let isPackage = Self.isPackage(word)
        let isFile =
            isDocument || isPackage || word == "-" || word.hasPrefix("./") || word.hasPrefix("../")
            || word.hasPrefix("/") || FileManager.default.fileExists(atPath: word)
        guard isFile else { return nil }
        if isPackage, command.flag("-i") != nil { return "-i" }
        return ["-f", "-i"].first { command.flag($0) != nil }
    }

    private func nearestCommand(to word: String) -> String? {
        let inner = named.subcommands?.filter { $0.shouldDisplay != false } ?? []
        return Spelling.nearest(to: word, among: inner.flatMap { [$0.commandName] + ($0.aliases ?? []) })
    }

    // MARK: Words for these

    private var usage: String {
        ([title] + command.positionals.map { $0.isOptional ? "[\($0.placeholder)]" : $0.placeholder })
            .joined(separator: " ") + " [flags]"
    }

    private func list(of what: String) -> String { "'\(title) --help' lists the \(what)" }

    static func choice(_ names: [String]) -> String { enumeration(names, "or") }

    private static func enumeration(_ names: [String], _ word: String) -> String {
        guard let last = names.last, names.count > 1 else { return names.first ?? "" }
        return names.dropLast().joined(separator: ", ") + " \(word) " + last
    }
}
