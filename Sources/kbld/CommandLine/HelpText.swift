import ArgumentParser
import CommandLineSyntax
import FoundationEssentials
import LibC

/// The help of a command. A command with a default subcommand shows that one's flags.
enum HelpText {
    /// The help of the command at `path` below the program, as wide as the terminal.
    ///
    /// - Throws: `DecodingError` if the argument parser describes commands in another form.
    static func text(for path: [String]) throws -> String {
        let dump = try JSONDecoder().decode(Dump.self, from: Data(Kbld._dumpHelp().utf8))
        let command = path.reduce(dump.command) { command, name in
            command.subcommands?.first { $0.commandName == name } ?? command
        }
        return HelpPage(of: command, at: [dump.command.commandName] + path).text(width: width)
    }

    private struct Dump: Decodable {
        let command: CommandDescription
    }

    private static var width: Int {
        let columns = Terminal.width(of: STDOUT_FILENO) ?? widest
        return max(40, min(columns, widest))
    }

    /// Longer lines are hard to read.
    private static let widest = 100
}
