/// What a command is called, and those below it.
public struct CommandName: Sendable {
    /// Its own name.
    public let name: String
    /// Other names for it.
    public let aliases: [String]
    /// The commands below it.
    public let subcommands: [CommandName]

    /// The names of a command.
    public init(_ name: String, aliases: [String] = [], subcommands: [CommandName] = []) {
        self.name = name
        self.aliases = aliases
        self.subcommands = subcommands
    }

    /// Whether `word` is one of its names.
    func isCalled(_ word: String) -> Bool { name == word || aliases.contains(word) }
}
