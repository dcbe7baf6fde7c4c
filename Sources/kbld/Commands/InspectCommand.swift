import ArgumentParser
import KbldWorkflows

/// `kbld inspect`: the images of the documents, without asking a registry.
struct InspectCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "List the images of the documents.",
        discussion: """
            Examples:
              kbld inspect -f resolved.yml
              kbld inspect -f resolved.yml --column image
              kbld inspect -f app.yml --candidates
              kbld inspect -f app.yml --format hauler
            """,
        aliases: ["i", "is", "insp"]
    ).ofProgram

    @OptionGroup var fileFlags: FileFlags
    @OptionGroup var finderFlags: FinderFlags
    @Option(
        help: ArgumentHelp(
            "List images alone, each once: text, hauler, imageset, zarf, images-lock or json.",
            valueName: "format"
        )
    )
    var format: Format?

    @Flag(help: "List what looks like an image and is not taken, and what would find it.")
    var candidates = false

    @OptionGroup var registryFlags: RegistryFlags
    @OptionGroup var readingFlags: ReadingFlags
    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var columnFlags: ColumnFlags<ImageColumns>
    @OptionGroup var logFlags: LogFlags

    func validate() throws {
        if !candidates { try columnFlags.check() }
        guard format == nil || !candidates else {
            throw ValidationError("--format and --candidates are mutually exclusive")
        }
    }

    func run() async throws {
        let context = try WorkflowContext(
            registryFlags,
            finders: finderFlags,
            reading: readingFlags,
            log: Log(prefix: "inspect | ")
        )
        if candidates { return try await printCandidates(in: context) }
        let listing = try await ListingWorkflow(of: fileFlags.names, in: context)
        let console = Console(consoleFlags.options(of: columnFlags))
        if let format {
            try console.block(format.listFormat.text(of: listing.entries, version: Kbld.version))
            return try console.finish()
        }
        try console.table(
            Table(
                content: "images",
                header: ImageColumns.headings,
                rows: listing.entries.map { [$0.reference, $0.origins, $0.resource] },
                textHeading: "Metadata"
            )
        )
        try console.finish()
    }

    private func printCandidates(in context: WorkflowContext) async throws {
        let listing = try await CandidateListing(of: fileFlags.names, in: context)
        let console = Console(consoleFlags.options(of: columnFlags))
        try console.table(
            Table(
                content: "candidates",
                header: ["Image", "Place", "Rule"],
                rows: listing.entries.map { [$0.reference, $0.place, $0.rule] }
            )
        )
        try console.finish()
    }

    /// The forms of lists.
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, hauler, imageset, zarf
        case imagesLock = "images-lock"
        case json

        fileprivate var listFormat: ImageListFormat {
            switch self {
            case .text: .text
            case .hauler: .hauler
            case .imageset: .imageset
            case .zarf: .zarf
            case .imagesLock: .imagesLock
            case .json: .json
            }
        }
    }

    /// What is known of an image without asking a registry.
    enum ImageColumns: TableColumns {
        static let headings = ["Image", "Metadata", "Resource"]
    }
}
