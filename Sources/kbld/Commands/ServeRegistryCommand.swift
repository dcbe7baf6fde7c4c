import ArgumentParser
import ContainerImage
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
    ).ofProgram

    @OptionGroup var storageFlags: StorageFlags

    @Option(
        name: .customLong("accept-sparse"),
        help: ArgumentHelp(
            "Indexes that lack images: none, all, or all with these.",
            discussion: "Given platforms, an index must have its images for these alone. Others need not be there.",
            valueName: "platforms"
        ),
        completion: .list(["none", "all"]),
        transform: AcceptedIndexes.init(parsing:)
    )
    var acceptedIndexes = AcceptedIndexes()

    @OptionGroup var listenFlags: ListenFlags
    @OptionGroup var logFlags: LogFlags

    func run() async throws {
        let log = Log(prefix: "serve-registry | ")
        let work = ServeWorkflow(
            listenFlags.options(for: log),
            log: log.sink,
            warning: { Log.warning($0) },
            logError: log.errorSink
        )
        try await work.serve(folder: storageFlags.path, requiringOnly: acceptedIndexes.platforms)
    }
}

/// Which indexes are taken: those with all of their images, or with those for some platforms.
struct AcceptedIndexes {
    /// The platforms whose images must be there; nil for all images.
    var platforms: [Platform]?

    /// Only whole indexes.
    init() {}

    /// Reads `none`, `all`, or platforms with commas between.
    init(parsing text: String) throws {
        switch text {
        case "none": platforms = nil
        case "all": platforms = []
        default: platforms = try text.split(separator: ",").map { try Platform(String($0)) }
        }
    }
}
