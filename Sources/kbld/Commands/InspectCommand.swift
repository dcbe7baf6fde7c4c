import ArgumentParser
import DocumentInput
import KbldConfiguration
import KubernetesYAML
import Resolution

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
    @OptionGroup var logFlags: LogFlags

    func run() async throws {
        let manifests = try await fileFlags.manifests()
        let update = ReferenceUpdate(manifests.configuration)
        let rows = manifests.resources.flatMap { resource in
            let noted = ImagesAnnotation.images(in: resource.value, readsOldForm: false)
            let description = ResourceDescription.text(of: resource.value)
            return update.references(in: resource).map { reference in
                let origins = noted.first { $0.url == reference }?.origins ?? []
                let text = origins.isEmpty ? "" : YAMLWriter.text(of: .list(origins.map(\.value)))
                return [reference, String(text.dropLast(text.hasSuffix("\n") ? 1 : 0)), description]
            }
        }
        let console = consoleFlags.console()
        try console.table(
            Table(
                content: "images",
                header: ["Image", "Metadata", "Resource"],
                rows: rows.sorted { ($0[0], $0[2]) < ($1[0], $1[2]) },
                textHeading: "Metadata"
            )
        )
        try console.finish()
    }
}
