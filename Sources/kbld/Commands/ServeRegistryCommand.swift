import ArgumentParser
import KbldWorkflows

/// `kbld serve-registry`: a registry to try things with.
struct ServeRegistryCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve-registry",
        abstract: "Serve a registry, in memory or from a folder.",
        discussion: """
            Example:
              kbld serve-registry --listen 127.0.0.1:5000 --storage ./registry
            """
    )

    @Option(help: ArgumentHelp("Folder to store what is pushed (default: memory)", valueName: "folder"))
    var storage: String?

    @OptionGroup var listenFlags: ListenFlags
    @OptionGroup var logFlags: LogFlags

    func run() async throws {
        let log = Log(prefix: "serve-registry | ")
        let work = ServeWorkflow(listenFlags.options, log: log.sink, logError: log.errorSink)
        try await work.serve(folder: storage)
    }
}
