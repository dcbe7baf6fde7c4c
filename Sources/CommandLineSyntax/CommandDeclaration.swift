import FoundationEssentials

/// A command as the argument parser describes it: its arguments, its flags, and the commands below it.
package struct CommandDeclaration: Decodable, Sendable {
    /// Its name.
    package let commandName: String
    /// Other names for it.
    package let aliases: [String]?
    /// What it does.
    package let abstract: String?
    /// The command below it that its own name means.
    package let defaultSubcommand: String?
    /// The commands below it.
    package let subcommands: [CommandDeclaration]?
    /// Its arguments and flags; each form of a flag by itself.
    package let arguments: [Argument]?
    /// Whether help shows it.
    package let shouldDisplay: Bool?

    /// An argument or a flag.
    package struct Argument: Decodable, Sendable {
        /// What it is.
        package enum Kind: String, Decodable, Sendable {
            /// An argument without a name.
            case positional
            /// A flag with a value.
            case option
            /// A flag without a value.
            case flag
        }

        /// A name of a flag.
        package struct Name: Decodable, Sendable {
            private let kind: String
            private let name: String

            /// The name with its dashes.
            package var text: String { kind == "short" ? "-\(name)" : "--\(name)" }
        }

        private struct Completion: Decodable, Sendable {
            struct List: Decodable, Sendable { let values: [String] }
            let list: List?
        }

        /// What it is.
        package let kind: Kind
        /// What its value is called.
        package let valueName: String?
        /// What it is for.
        package let abstract: String?
        /// What it is where it isn't given.
        package let defaultValue: String?
        /// Whether it may be left out.
        package let isOptional: Bool
        /// Whether it may be given several times.
        package let isRepeating: Bool
        /// Whether help shows it.
        package let shouldDisplay: Bool
        private let names: [Name]?
        private let allValues: [String]?
        private let completionKind: Completion?

        /// A flag's names with their dashes.
        package var flags: [String] { names?.map(\.text) ?? [] }
        /// Whether `argument` is this flag, with its value or without.
        package func isNamed(by argument: String) -> Bool { flags.contains(String(argument.prefix { $0 != "=" })) }
        /// All values that it takes; empty where it takes others as well.
        package var values: [String] {
            allValues ?? (ValueFlags.open.isDisjoint(with: flags) ? completionKind?.list?.values ?? [] : [])
        }
        /// Values that it takes, perhaps beside others.
        package var suggestions: [String] { allValues ?? completionKind?.list?.values ?? [] }
        /// The value as help writes it: `<file>`.
        package var placeholder: String {
            "<\(valueName ?? "value")>" + (isRepeating && kind == .positional ? "…" : "")
        }
    }

    private struct Program: Decodable { let command: CommandDeclaration }

    /// Reads the description of a whole program.
    ///
    /// - Throws: `DecodingError`.
    package init(json: String) throws {
        self = try JSONDecoder().decode(Program.self, from: Data(json.utf8)).command
    }

    /// The command below this one that is called `word`.
    package func subcommand(_ word: String) -> CommandDeclaration? {
        subcommands?.first { $0.commandName == word || $0.aliases?.contains(word) == true }
    }

    /// The command that does the work: this one, or the one below it that its name means.
    package var working: CommandDeclaration {
        guard let defaultSubcommand, let command = subcommand(defaultSubcommand) else { return self }
        return command.working
    }

    /// The flag with this name, dashes included.
    package func flag(_ name: String) -> Argument? { arguments?.first { $0.flags.contains(name) } }

    /// The arguments without names.
    package var positionals: [Argument] { arguments?.filter { $0.kind == .positional } ?? [] }
}
