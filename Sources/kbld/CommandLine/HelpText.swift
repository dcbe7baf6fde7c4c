import ArgumentParser
import LibC

/// The help of a command. A command with a default subcommand shows that one's flags too.
enum HelpText {
    static func text(for command: any ParsableCommand.Type) -> String {
        // Commands to copy shouldn't be broken in two.
        let columns = isatty(STDOUT_FILENO) == 1 ? nil : 100
        let own = Kbld.helpMessage(for: command, columns: columns)
        guard let standing = command.configuration.defaultSubcommand,
            let usage = own.range(of: "\nUSAGE: "),
            let subcommands = own.range(of: "\nSUBCOMMANDS:\n")
        else { return own }
        let other = Kbld.helpMessage(for: standing, columns: columns)
        guard let end = other.range(of: "\nUSAGE: "), let flags = other[end.upperBound...].firstRange(of: "\n\n") else {
            return own
        }
        let name = own[usage.upperBound...].prefix { $0 != "<" && $0 != "[" && $0 != "\n" }
        return own[..<usage.lowerBound] + "\nUSAGE: \(name)[<options>]\n       \(name)<subcommand>"
            + other[flags.lowerBound...] + own[subcommands.lowerBound...]
    }
}

extension String {
    fileprivate func range(of text: String) -> Range<Index>? { firstRange(of: text) }
}
