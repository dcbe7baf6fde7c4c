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
            """,
        aliases: ["i", "is", "insp"]
    )

    @OptionGroup var fileFlags: FileFlags
    @OptionGroup var registryFlags: RegistryFlags
    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var columnFlags: ColumnFlags<ImageColumns>
    @OptionGroup var logFlags: LogFlags

    func validate() throws { try columnFlags.check() }

    func run() async throws {
        let context = try WorkflowContext(registryFlags, files: fileFlags, log: Log(prefix: "inspect | "))
        let listing = try await ListingWorkflow(of: fileFlags.names, in: context)
        let console = Console(consoleFlags.options(of: columnFlags))
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

    /// What is known of an image without asking a registry.
    enum ImageColumns: TableColumns {
        static let headings = ["Image", "Metadata", "Resource"]
    }
}
