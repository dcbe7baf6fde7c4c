import ArgumentParser
import ContainerImage
import KbldWorkflows
import RegistryMirroring

/// `kbld mirror import`: another program's file becomes a mirror file.
struct MirrorImportCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Translate the file of another program into a mirror file.",
        discussion: """
            Prints the mirror file. What can't be said in one is listed, in its comments and in the log.

            Examples:
              kbld mirror import --from regsync regsync.yml > mirror.yml
              kbld mirror import --from skopeo sync.yml -r registry.local/m > mirror.yml
            """
    ).ofProgram

    /// The programs whose files are read.
    enum Program: String, ExpressibleByArgument, CaseIterable {
        case regsync, skopeo
        case imageSyncer = "image-syncer"
        case hauler, imageset

        /// The same for the workflows.
        var format: MirrorImport.Format {
            switch self {
            case .regsync: .regsync
            case .skopeo: .skopeo
            case .imageSyncer: .imageSyncer
            case .hauler: .hauler
            case .imageset: .imageset
            }
        }
    }

    @Option(
        help: ArgumentHelp("regsync, skopeo, image-syncer, hauler or imageset.", valueName: "program")
    )
    var from: Program?

    @Option(
        name: [.customShort("r", allowingJoined: true), .customLong("repository")],
        help: ArgumentHelp("The target, in place of the file's.", valueName: "registry")
    )
    var repository: String?

    @Argument(help: ArgumentHelp("The file; - for standard input.", valueName: "file"), completion: .file())
    var file: String

    @OptionGroup var logFlags: LogFlags

    func validate() throws {
        guard from != nil else {
            throw ValidationError(
                "missing required option --from (one of \(Program.allCases.map(\.rawValue).joined(separator: ", ")))"
            )
        }
        if let repository { _ = try RepositoryArgument.root(repository, of: "--repository") }
    }

    func run() async throws {
        guard let from else { return }
        let log = Log(prefix: "mirror | ")
        let result = try MirrorImportWorkflow.translate(file, from: from.format)
        // Some write logins into addresses.
        try StandardOutput.write(Redaction.text(result.text(target: repository)))
        if repository == nil, !result.hasTarget {
            log.line("the file names no target: replace registry.example.com/mirror, or give --repository")
        }
        for remark in result.remarks { log.line(Redaction.text("not translated: \(remark)")) }
        log.line(
            "\(Count.text(result.images.count, "entry", plural: "entries")), \(result.remarks.count) not translated"
        )
    }
}
