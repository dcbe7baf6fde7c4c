/// The help of a command: what it does, how it is called, its flags in groups, examples.
package struct HelpPage: Sendable {
    private let command: CommandDescription
    private let path: [String]

    /// Creates the help of the command at `path`, from the program's own name on.
    package init(of command: CommandDescription, at path: [String]) {
        self.command = command
        self.path = path
    }

    /// The page, with a newline at its end. Only the examples may have longer lines: a command to copy isn't broken.
    ///
    /// - Parameter width: How many columns there are.
    package func text(width: Int) -> String {
        let pages = Density.allCases.map { lines(width, $0) }
        let page = pages.first { $0.count <= Self.mostLines } ?? pages.last ?? []
        return page.joined(separator: "\n") + "\n"
    }

    /// More than that isn't read.
    private static let mostLines = 40

    /// How much room a page takes.
    private enum Density: CaseIterable {
        /// With blank lines between its parts.
        case wide
        /// Without.
        case dense
        /// Without, and of the flags that all commands have the names alone.
        case brief
        /// Like this, and with one example.
        case terse
        /// Of flags about signatures and mirrors, too, the names alone.
        case spare
        /// Of those about what is written, too.
        case sparer
        /// Of those about images, too.
        case least

        /// The groups of which there are names alone.
        var briefGroups: Set<FlagGroup> {
            switch self {
            case .wide, .dense: []
            case .brief, .terse: [.registries, .general]
            case .spare: [.registries, .general, .signatures, .mirrors]
            case .sparer: [.registries, .general, .signatures, .mirrors, .output]
            case .least: [.registries, .general, .signatures, .mirrors, .output, .images]
            }
        }

        /// How many examples there are at most.
        var mostExamples: Int { self == .wide || self == .dense || self == .brief ? .max : 1 }
    }

    private func lines(_ width: Int, _ density: Density) -> [String] {
        let effective = command.effective
        let shown = (effective.arguments ?? []).filter(\.shouldDisplay)
        let positionals = shown.filter { $0.kind == "positional" }
        let isProgram = path.count == 1
        let flags = Self.flags(of: shown, isProgram: isProgram)
        var parts = [usage(positionals)]
        if isProgram {
            parts += [commands(width), briefly(flags, of: effective, width)]
        } else {
            parts += arguments(positionals, width) + inGroups(flags, width, brief: density.briefGroups)
            parts.append(commands(width))
        }
        let all = command.examples.isEmpty ? effective.examples : command.examples
        let examples = all.prefix(density.mostExamples)
        if !examples.isEmpty { parts.append(["EXAMPLES"] + examples.map { "  " + $0 }) }
        let separator = density == .wide ? [""] : []
        return description(width) + [""] + parts.filter { !$0.isEmpty }.joined(separator: separator)
    }

    // MARK: The parts

    private func description(_ width: Int) -> [String] {
        let prose = (command.prose.isEmpty && path.count > 1 ? command.effective.prose : command.prose)
            .split(separator: "\n\n").map { String($0.replacing("\n", with: " ")) }
        let first = ([command.abstract ?? ""] + prose.prefix(1)).joined(separator: " ")
        return Self.wrapped(first, width) + prose.dropFirst().flatMap { [""] + Self.wrapped($0, width) }
    }

    private func usage(_ positionals: [CommandDescription.Argument]) -> [String] {
        let values = positionals.map { argument in
            let value = "<\(argument.valueName ?? "")>" + (argument.isRepeating ? "..." : "")
            return argument.isOptional ? " [\(value)]" : " \(value)"
        }
        let name = ([path.joined(separator: " ")] + (command.aliases ?? [])).joined(separator: "|")
        var lines = ["USAGE: \(name) [<options>]\(values.joined())"]
        if !command.shownSubcommands.isEmpty {
            lines.append("       \(path.joined(separator: " ")) <command> [<options>]")
        }
        return lines
    }

    private func arguments(_ positionals: [CommandDescription.Argument], _ width: Int) -> [[String]] {
        guard !positionals.isEmpty else { return [] }
        return [
            ["ARGUMENTS"] + rows(positionals.map { ("<\($0.valueName ?? "")>", Self.sentence($0.abstract)) }, width)
        ]
    }

    private func inGroups(_ flags: [Flag], _ width: Int, brief: Set<FlagGroup>) -> [[String]] {
        let column = Self.column(flags.map(\.label))
        return FlagGroup.allCases.compactMap { group in
            let own = flags.filter { $0.group == group }
            guard !own.isEmpty else { return nil }
            let heading = group.rawValue.uppercased()
            guard brief.contains(group) else {
                return [heading] + rows(own.map { ($0.label, $0.text) }, width, column: column)
            }
            return [heading + " (man \(path.joined(separator: "-")) says more)"] + names(own, width)
        }
    }

    private func briefly(_ flags: [Flag], of standing: CommandDescription, _ width: Int) -> [String] {
        let name = standing.commandName
        return ["OPTIONS of \(name), the default (\(path[0]) \(name) --help says more)"] + names(flags, width)
    }

    /// The flags' names alone.
    private func names(_ flags: [Flag], _ width: Int) -> [String] {
        Self.wrapped(flags.map(\.name).joined(separator: " "), width - 2).map { "  " + $0 }
    }

    private func commands(_ width: Int) -> [String] {
        let all = command.shownSubcommands
        guard !all.isEmpty else { return [] }
        func names(_ inner: CommandDescription) -> String {
            ([inner.commandName] + (inner.aliases ?? [])).joined(separator: ", ")
                + (inner.commandName == command.defaultSubcommand ? " (default)" : "")
        }
        guard path.count == 1 else { return Self.wrapped("COMMANDS: " + all.map(names).joined(separator: ", "), width) }
        let heading = "COMMANDS (\(path[0]) <command> --help says more)"
        return [heading] + rows(all.map { (names($0), Self.sentence($0.abstract)) }, width)
    }

    // MARK: Flags

    private struct Flag {
        /// `--[no-]resume`
        var name: String
        /// The name with letters and the value.
        var label: String
        var text: String
        var group: FlagGroup
    }

    /// A flag and its negation are one; only that is named which isn't the default.
    private static func flags(of arguments: [CommandDescription.Argument], isProgram: Bool) -> [Flag] {
        let names = Set(arguments.flatMap(\.longNames))
        let flags = arguments.compactMap { argument -> (flag: Flag, position: (group: Int, flag: Int))? in
            guard argument.kind != "positional", let name = argument.longNames.first, isProgram || name != "version"
            else { return nil }
            if name.hasPrefix("no-"), names.contains(String(name.dropFirst(3))) { return nil }
            let isOn = argument.kind == "flag" && argument.defaultValue == "--" + name
            let short = (argument.names ?? []).filter { $0.kind == "short" }.map { "-\($0.name), " }.joined()
            let shown = (isOn ? "--[no-]" : "--") + name
            var label = short + shown
            var text = sentence(argument.abstract)
            if argument.kind == "option" {
                label += " <\(argument.valueName ?? name)>" + (argument.isRepeating ? "..." : "")
                if let value = argument.defaultValue, !value.isEmpty, !text.contains("(default") {
                    text += " (default: \(value))"
                }
            } else if isOn, !text.contains("(default") {
                text += " (default: on)"
            }
            let group = FlagGroup(of: name)
            return (Flag(name: shown, label: label, text: text, group: group), group.position(of: name))
        }
        // Sorting is stable.
        return flags.sorted { $0.position < $1.position }.map(\.flag)
    }

    // MARK: Layout

    private static let widestLabel = 34

    /// Where texts begin.
    private static func column(_ labels: [String]) -> Int {
        2 + (labels.map(\.count).filter { $0 <= widestLabel }.max() ?? 0) + 2
    }

    private func rows(_ rows: [(label: String, text: String)], _ width: Int, column: Int? = nil) -> [String] {
        let column = column ?? Self.column(rows.map(\.label))
        return rows.flatMap { label, text in
            var texts = Self.wrapped(text, max(20, width - column))
            let isWide = label.count + 4 > column
            let room = String(repeating: " ", count: isWide ? 0 : column - 2 - label.count)
            let first = "  " + label + (isWide || texts.isEmpty ? "" : room + texts.removeFirst())
            return [first] + texts.map { String(repeating: " ", count: column) + $0 }
        }
    }

    /// Without the full stop that only several sentences need.
    private static func sentence(_ text: String?) -> String {
        let text = text ?? ""
        return text.hasSuffix(".") && !text.dropLast().contains(". ") ? String(text.dropLast()) : text
    }

    private static func wrapped(_ text: String, _ width: Int) -> [String] {
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(String(word))
            }
        }
        return lines
    }
}
