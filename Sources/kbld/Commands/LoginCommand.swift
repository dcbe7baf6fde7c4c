import ArgumentParser
import ContainerImage
import KbldWorkflows
import LibC

/// `kbld login`: a login is checked, and kept where docker keeps it.
struct LoginCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "login",
        abstract: "Check a login with a registry, and store it where docker does.",
        discussion: """
            The password is read from standard input. It is stored by the credential helper that docker's config.json names
            for the registry, else in that file.

            Examples:
              kbld login registry.local -u alice --password-stdin < token
              kbld login docker.io -u alice --password-stdin < token
            """
    ).ofProgram

    @Argument(help: ArgumentHelp("The registry: host or host:port; docker.io for Docker Hub.", valueName: "registry"))
    var registry: String

    @Option(name: .shortAndLong, help: ArgumentHelp("The user's name.", valueName: "name"))
    var username: String

    @Flag(name: .customLong("password-stdin"), help: "Read the password from standard input.")
    var passwordStdin = false

    @OptionGroup var registryFlags: RegistryFlags
    @OptionGroup var logFlags: LogFlags

    func validate() throws {
        _ = try RegistryArgument.host(registry)
        guard passwordStdin else {
            throw ValidationError(
                "missing required option --password-stdin; the password is read from standard input alone: "
                    + "kbld login \(registry) -u \(username) --password-stdin < token"
            )
        }
    }

    func run() async throws {
        let log = Log(prefix: "login | ")
        let host = try RegistryArgument.host(registry)
        let work = try LoginWorkflow(to: host, in: WorkflowContext(registryFlags, log: log))
        let isAsked = try await work.logIn(username: username, password: try PasswordInput.read())
        log.line(
            isAsked
                ? "\(host) accepted the login of '\(username)'"
                : "\(host) asked for no login, so that of '\(username)' was not checked"
        )
        switch work.place {
        case .helper(let program): log.line("stored by \(program)")
        case .file(let path):
            log.line("stored in '\(path)'")
            Log.warning("the password is stored in plain text; a credential helper (credsStore) would protect it")
        }
    }
}
