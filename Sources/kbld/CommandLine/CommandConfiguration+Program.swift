import ArgumentParser

extension CommandConfiguration {
    /// The same, of a command that is parsed by itself.
    ///
    /// The parser tries each command line as a request for its own completion script first, which takes as long as all the
    /// rest. It doesn't where the command is a part of a program; `CommandLineArguments` has seen to such requests.
    var ofProgram: CommandConfiguration {
        var configuration = self
        configuration._superCommandName = Kbld.configuration.commandName
        return configuration
    }
}
