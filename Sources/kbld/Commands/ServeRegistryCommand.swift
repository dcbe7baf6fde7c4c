import ArgumentParser
import KbldWorkflows

/// `kbld serve-registry`: a registry to try things with.
struct ServeRegistryCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve-registry",
        abstract: "Serve a registry, in memory or from a folder.",
        discussion: """
            Without --storage everything is kept in memory.

            Example:
              kbld serve-registry --listen 127.0.0.1:5000 --storage ./registry
            """
    )

    @OptionGroup var storageFlags: StorageFlags
    @OptionGroup var listenFlags: ListenFlags
    @OptionGroup var logFlags: LogFlags

    func run() async throws {
        let log = Log(prefix: "serve-registry | ")
        let work = ServeWorkflow(listenFlags.options(for: log), log: log.sink, logError: log.errorSink)
        try await work.serve(folder: storageFlags.path)
    }
}
