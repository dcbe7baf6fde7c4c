import ArgumentParser
import KbldWorkflows
import Packages

/// `kbld unpackage`: all images of a tarball go into one repository.
struct UnpackageCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "unpackage",
        abstract: "Upload all images of a tarball to a repository, and print the documents with the new references.",
        discussion: """
            Examples:
              kbld unpkg -f resolved.yml --input images.tar --repository registry.example.com/app
              ssh host cat images.tar | kbld unpkg -f resolved.yml -i - -r registry.example.com/app
              kbld unpkg -f resolved.yml -i images.tar -r one.example.com/app -r two.example.com/app
              kbld unpkg -f resolved.yml -i images.tar -r registry.example.com/app --repository-layout mirror
            """,
        aliases: ["unpkg"]
    )

    @OptionGroup var fileFlags: FileFlags
    @OptionGroup var registryFlags: RegistryFlags
    @OptionGroup var rateFlags: RateFlags
    @OptionGroup var uploadFlags: UploadFlags
    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var logFlags: LogFlags

    @OptionGroup var destinationFlags: DestinationFlags

    @Option(name: .shortAndLong, help: ArgumentHelp("The tarball; - is standard input.", valueName: "file"))
    var input: String?

    @Option(
        name: .customLong("base-repository"),
        help: ArgumentHelp(
            "For a delta: a repository, other than the destinations, that has layers it omits. Repeatable.",
            valueName: "repository"
        )
    )
    var baseRepositories: [String] = []

    @Option(name: .customLong("lock-output"), help: ArgumentHelp("Write a lock file to this path.", valueName: "file"))
    var lockOutput: String?

    @Option(help: ArgumentHelp("Maximum number of concurrent transfers.", valueName: "count"))
    var concurrency = 64

    func validate() throws {
        guard let input, !input.isEmpty else { throw ValidationError("missing required option --input (the tarball)") }
        guard input != PackagePath.standardStream || !fileFlags.names.contains("-") else {
            throw ValidationError(
                "Standard input can't be both the tarball (--input -) and documents (-f -); give one of them as a file"
            )
        }
        guard concurrency > 0 else { throw ValidationError("--concurrency must be at least 1") }
        for text in baseRepositories { _ = try RepositoryArgument.repository(text, of: "--base-repository") }
    }

    func run() async throws {
        let log = Log(prefix: "unpackage | ")
        let work = try await UnpackageWorkflow(
            try options(),
            in: WorkflowContext(registryFlags, rate: rateFlags, uploads: uploadFlags, log: log)
        )
        try await withProgress(of: "unpackage", copying: "uploading") { try await work.run(progress: $0) }
        log.line("imported \(work.count) images")
        let console = Console(consoleFlags.options)
        for text in try work.documents() { try console.block(text) }
        try console.finish()
    }

    private func options() throws -> UnpackageWorkflow.Options {
        var options = UnpackageWorkflow.Options(
            files: fileFlags.names,
            input: input ?? "",
            destination: try destinationFlags.plan()
        )
        options.baseRepositories = try baseRepositories.map {
            try RepositoryArgument.repository($0, of: "--base-repository")
        }
        options.lockOutput = lockOutput
        options.concurrency = concurrency
        return options
    }
}
