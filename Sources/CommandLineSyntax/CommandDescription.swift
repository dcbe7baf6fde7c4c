/// What a command takes and how it describes itself, in the form in which the argument parser dumps it.
package struct CommandDescription: Decodable, Sendable {
    /// An argument or a flag. A flag and its negation are two.
    package struct Argument: Decodable, Sendable {
        /// A way to give it.
        package struct Name: Decodable, Sendable {
            /// `short` or `long`.
            package var kind: String
            /// Without dashes.
            package var name: String

            /// Creates a name.
            package init(kind: String, name: String) {
                self.kind = kind
                self.name = name
            }
        }

        /// `positional`, `option` or `flag`.
        package var kind: String
        /// Whether it is shown.
        package var shouldDisplay: Bool
        /// Whether it may be missing.
        package var isOptional: Bool
        /// Whether it may be given several times.
        package var isRepeating: Bool
        /// Its names; none for an argument.
        package var names: [Name]?
        /// What its value is called.
        package var valueName: String?
        /// What holds where it isn't given.
        package var defaultValue: String?
        /// What it is, in a line.
        package var abstract: String?

        /// Creates an argument or a flag.
        package init(
            kind: String,
            shouldDisplay: Bool,
            isOptional: Bool,
            isRepeating: Bool,
            names: [Name]? = nil,
            valueName: String? = nil,
            defaultValue: String? = nil,
            abstract: String? = nil
        ) {
            self.kind = kind
            self.shouldDisplay = shouldDisplay
            self.isOptional = isOptional
            self.isRepeating = isRepeating
            self.names = names
            self.valueName = valueName
            self.defaultValue = defaultValue
            self.abstract = abstract
        }

        /// Its long names.
        var longNames: [String] { (names ?? []).filter { $0.kind != "short" }.map(\.name) }
    }

    /// Its name.
    package var commandName: String
    /// Other names for it.
    package var aliases: [String]?
    /// What it does, in a sentence.
    package var abstract: String?
    /// More on that; examples come last.
    package var discussion: String?
    /// Whether it is shown; nil is yes.
    package var shouldDisplay: Bool?
    /// The command below it that it stands for.
    package var defaultSubcommand: String?
    /// The commands below it.
    package var subcommands: [CommandDescription]?
    /// Its arguments and flags.
    package var arguments: [Argument]?

    /// Creates a command.
    package init(
        commandName: String,
        aliases: [String]? = nil,
        abstract: String? = nil,
        discussion: String? = nil,
        shouldDisplay: Bool? = nil,
        defaultSubcommand: String? = nil,
        subcommands: [CommandDescription]? = nil,
        arguments: [Argument]? = nil
    ) {
        self.commandName = commandName
        self.aliases = aliases
        self.abstract = abstract
        self.discussion = discussion
        self.shouldDisplay = shouldDisplay
        self.defaultSubcommand = defaultSubcommand
        self.subcommands = subcommands
        self.arguments = arguments
    }

    /// The command that is meant where none below is named, itself or its default.
    var effective: CommandDescription {
        (subcommands ?? []).first { $0.commandName == defaultSubcommand } ?? self
    }

    /// The commands below it that are shown.
    var shownSubcommands: [CommandDescription] {
        (subcommands ?? []).filter { $0.shouldDisplay != false && $0.commandName != "help" }
    }

    /// The discussion without its examples.
    var prose: String {
        let text = discussion ?? ""
        return text.firstMatch(of: Self.heading).map { String(text[..<$0.range.lowerBound]) } ?? text
    }

    /// The examples, a command each.
    var examples: [String] {
        guard let text = discussion?.firstMatch(of: Self.heading) else { return [] }
        return (discussion ?? "")[text.range.upperBound...].split(separator: "\n")
            .map { String($0.drop { $0 == " " }) }
    }

    private static var heading: Regex<Substring> { /(?:^|\n)Examples?:\n/ }
}
