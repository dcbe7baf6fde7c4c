import ArgumentParser
import ContainerImage
import ImageStore
import KbldWorkflows
import PackageReport
import RegistryMirroring

/// `kbld backup create`: the default.
struct BackupCreateCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Back repositories up, with all their tags.",
        discussion: """
            Writes a package into a folder, called by its time, with all tags, what they name, and what refers to that.

            Examples:
              kbld backup -r registry.local/team/app -o backups/
              kbld backup -r 'registry.local/team/**' -o backups/ --base last
            """
    ).ofProgram

    @Option(
        name: [.customShort("r", allowingJoined: true), .customLong("repository")],
        help: ArgumentHelp(
            "Repository to back up; * and ** stand for those that the registry lists.",
            discussion: "Repeatable. Registries without a catalog (Docker Hub, ECR) need names.",
            valueName: "repository"
        )
    )
    var repositories: [String] = []

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Folder of the backups.", valueName: "folder"),
        completion: .directory
    )
    var output: String?

    @Option(
        name: .customLong("base"),
        help: ArgumentHelp(
            "Omit layers that this has: last, for the folder's last backup.",
            discussion: "Or a package, documents, or a repository. Repeatable.",
            valueName: "last|file|repository"
        )
    )
    var bases: [String] = []

    @Flag(
        name: .customLong("include-non-distributable"),
        inversion: .prefixedNo,
        help: "Include layers that aren't distributable, as those of Windows."
    )
    var takesNonDistributable = false

    @OptionGroup var registryFlags: RegistryFlags
    @OptionGroup var rateFlags: RateFlags
    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var logFlags: LogFlags

    @Option(help: ArgumentHelp("Concurrent transfers.", valueName: "count"))
    var concurrency = 64

    func validate() throws {
        guard !repositories.isEmpty, !repositories.contains("") else {
            throw ValidationError("missing required option --repository")
        }
        guard let output, !output.isEmpty else { throw ValidationError("missing required option --output (a folder)") }
        try Concurrency.check(concurrency)
        for text in repositories where !text.contains("*") {
            _ = try RepositoryArgument.repository(text, of: "--repository")
        }
    }

    func run() async throws {
        let (log, summary) = (Log(prefix: "backup | "), RunSummary(command: "backup", moved: "downloaded"))
        let folder = output ?? ""
        let path = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        var options = BackupWorkflow.Options(repositories, to: path)
        options.bases = bases
        options.takesNonDistributable = takesNonDistributable
        options.concurrency = concurrency
        let work = try BackupWorkflow(options, in: WorkflowContext(registryFlags, rate: rateFlags, log: log))
        let (done, outcome) = try await withProgress(of: "backup") { progress in
            (try await work.run(progress: progress), progress?.outcome)
        }
        summary.write(outcome, file: done.path)
        guard consoleFlags.json else { return }
        try StandardOutput.write(TerminalText.json(ReportJSON.text(of: Result(done))))
    }

    private struct Result: Encodable {
        struct Entry: Encodable {
            let tag: String
            let digest: String
        }

        let file: String
        let time: String
        let repositories: [String]
        let images: Int
        let tags: [Entry]

        init(_ outcome: BackupWorkflow.Outcome) {
            file = outcome.path
            time = outcome.time.text
            repositories = outcome.repositories.map(\.description)
            images = outcome.images
            tags = outcome.tags.map { Entry(tag: "\($0.image.repository):\($0.tag)", digest: "\($0.image.digest)") }
        }
    }
}
