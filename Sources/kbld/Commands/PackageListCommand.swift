import ArgumentParser
import ContainerImage
import ImageFiles
import KbldWorkflows
import Presentation

/// `kbld package ls`: what is in a package, or in an image of it.
struct PackageListCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "ls",
        abstract: "List the manifests, configs and layers in a package, or the files of an image in it.",
        discussion: """
            IMAGE is a reference or a digest; with :/path behind it, the files at this path are listed.

            Examples:
              kbld package ls images.tar
              kbld package ls images.tar registry.local/app
              kbld package ls images.tar registry.local/app:/etc --platform linux/amd64
            """
    ).ofProgram

    @Argument(help: ArgumentHelp("The package.", valueName: "package"), completion: .file())
    var package: String?

    @Argument(help: ArgumentHelp("An image in it, with or without :/path.", valueName: "image"))
    var name: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The package, in place of the argument.", valueName: "file"),
        completion: .file()
    )
    var input: String?

    @Option(
        name: .customLong("platform"),
        help: ArgumentHelp("Only images for this platform: os/arch[/variant].", valueName: "platform")
    )
    var platformText: String?

    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var columnFlags: ColumnFlags<Columns>
    @OptionGroup var temporaryFlags: TemporaryFolderFlags
    @OptionGroup var logFlags: LogFlags

    /// What is known of things in a package, and of files.
    enum Columns: TableColumns {
        static let ofItems = ["Digest", "Type", "Size", "Platform", "Image"]
        static let ofFiles = ["Path", "Type", "Size", "Target"]
        static let headings = ofItems + ofFiles.filter { !ofItems.contains($0) }
    }

    func validate() throws {
        try columnFlags.check()
        _ = try PackageArgument.first(input, package, name)
        if let platformText { _ = try Platform(platformText) }
    }

    func run() async throws {
        let (package, name) = try PackageArgument.first(input, package, name)
        let work = try await PackageContentsWorkflow(package, temporaryFolder: temporaryFlags.folder)
        let console = Console(consoleFlags.options(of: columnFlags))
        if let name, try work.namesFiles(name) {
            let platform = try platformText.map { try Platform($0) }
            let files = try await withProgress(of: "ls") { progress in
                try await work.files(of: name, for: platform, progress: progress)
            }
            let rows = files.map { file in
                switch file.kind {
                case .file: [file.path, file.isExecutable ? "executable" : "file", "\(ByteCount(file.size))", ""]
                case .folder: [file.path, "folder", "", ""]
                case .link(let target): [file.path, "link", "", target]
                case .other: [file.path, "other", "", ""]
                }
            }
            try console.table(
                Table(
                    content: "files",
                    header: Columns.ofFiles,
                    rows: rows,
                    grid: Table.Grid(styles: [.name, .text, .number, .name])
                )
            )
        } else {
            let rows = try work.items(of: name, for: platformText.map { try Platform($0) }).map { item in
                [
                    "\(item.digest)", item.kind.rawValue, "\(ByteCount(item.size))",
                    item.platform.isEmpty ? "-" : item.platform, "\(item.reference)",
                ]
            }
            try console.table(
                Table(
                    content: "items",
                    header: Columns.ofItems,
                    rows: rows,
                    grid: Table.Grid(styles: [.text, .text, .number, .text, .name])
                )
            )
        }
        try console.finish(false)
    }
}
