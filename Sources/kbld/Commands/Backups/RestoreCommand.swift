import ArgumentParser
import ContainerImage
import ImageStore
import ImageTransfer
import KbldWorkflows
import PackageReport
import Presentation
import RegistryMirroring

/// `kbld restore`: repositories come back from a folder of backups.
struct RestoreCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore",
        abstract: "Restore repositories from a folder of backups, with their tags.",
        discussion: """
            Repositories keep their paths, below the registry or repository that is given.

            Examples:
              kbld restore backups/ -r registry.local
              kbld restore backups/ -r registry.local --at 2026-11-01 --tags move
              kbld restore backups/ -r registry.local --map team/app=team/restored
            """
    ).ofProgram

    /// What happens to tags that name something else.
    enum Policy: String, ExpressibleByArgument, CaseIterable {
        case skip, move, fail

        /// The same for the workflows.
        var value: RestoreWorkflow.TagPolicy {
            switch self {
            case .skip: .skip
            case .move: .move
            case .fail: .fail
            }
        }
    }

    @OptionGroup var folderArgument: BackupFolderArgument

    @Option(
        name: [.customShort("r", allowingJoined: true), .customLong("repository")],
        help: ArgumentHelp("Registry, or repository below which the backup goes.", valueName: "registry")
    )
    var repository: String?

    @Option(
        name: .customLong("map"),
        help: ArgumentHelp("Restore the repository OLD, and all below it, as NEW. Repeatable.", valueName: "old=new")
    )
    var renames: [String] = []

    @Option(
        name: .customLong("at"),
        help: ArgumentHelp(
            "Restore the state of this time, not the latest: 2026-11-01.",
            discussion: "A day counts to its end, in UTC; a time is written as 2026-11-01T12:00:00Z.",
            valueName: "time"
        )
    )
    var timeText: String?

    @Option(
        help: ArgumentHelp(
            "skip, move or fail (default): tags that name something else.",
            valueName: "what"
        )
    )
    var tags = Policy.fail

    @Flag(
        name: .customLong("dry-run"),
        inversion: .prefixedNo,
        help: "Show what would be restored; write nothing."
    )
    var dryRun = false

    @OptionGroup var registryFlags: RegistryFlags
    @OptionGroup var rateFlags: RateFlags
    @OptionGroup var uploadFlags: UploadFlags
    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var columnFlags: ColumnFlags<Columns>
    @OptionGroup var logFlags: LogFlags

    @Option(help: ArgumentHelp("Concurrent transfers.", valueName: "count"))
    var concurrency = 64

    /// What is known of a tag that comes back.
    enum Columns: TableColumns {
        static let headings = ["Tag", "Digest", "Outcome"]
    }

    func validate() throws {
        try columnFlags.check()
        try Concurrency.check(concurrency)
        _ = try options()
    }

    func run() async throws {
        let (log, summary) = (Log(prefix: "restore | "), RunSummary(command: "restore", moved: "uploaded"))
        let work = RestoreWorkflow(
            try options(),
            in: try WorkflowContext(registryFlags, rate: rateFlags, uploads: uploadFlags, log: log)
        )
        let (done, outcome) = try await withProgress(of: "restore", keeps: true) {
            progress -> (RestoreWorkflow.Outcome, TransferProgress.Outcome?) in
            if dryRun { return (try await work.plan(), nil) }
            return (try await work.run(progress: progress), progress?.outcome)
        }
        summary.write(outcome)
        for name in done.skipped {
            log.line("\(name.image.repository):\(name.tag) stays: it names something else")
        }
        if dryRun {
            log.line(
                "would restore \(Count.text(done.tags.count, "tag")) of \(Count.first(done.paths)); nothing was written"
            )
        }
        guard dryRun || consoleFlags.json else { return }
        try write(done)
    }

    private func write(_ done: RestoreWorkflow.Outcome) throws {
        if consoleFlags.json { return try StandardOutput.write(TerminalText.json(ReportJSON.text(of: Result(done)))) }
        let console = Console(consoleFlags.options(of: columnFlags))
        let rows = done.tags.map { ($0, "restore") } + done.skipped.map { ($0, "skip") }
        try console.table(
            Table(
                content: "tags",
                header: Columns.headings,
                rows: rows.map { ["\($0.image.repository):\($0.tag)", "\($0.image.digest)", $1] },
                grid: Table.Grid(styles: [.name, .text, .text])
            )
        )
        try console.finish(false)
    }

    private func options() throws -> RestoreWorkflow.Options {
        guard let repository, !repository.isEmpty else { throw ValidationError("missing required option --repository") }
        let map: RestoreMap
        do {
            map = try RestoreMap(to: try RepositoryArgument.root(repository, of: "--repository"), renaming: renames)
        } catch let error as RestoreMapError {
            throw ValidationError("--map: \(error)")
        }
        var options = RestoreWorkflow.Options(folderArgument.path, to: map)
        if let timeText {
            guard let time = BackupTime(given: timeText) else {
                throw ValidationError("--at must be a day or a time: 2026-11-01, 2026-11-01T12:00:00Z")
            }
            options.time = time
        }
        options.policy = tags.value
        options.concurrency = concurrency
        return options
    }

    private struct Result: Encodable {
        struct Entry: Encodable {
            let tag: String
            let digest: String

            init(_ name: TaggedImage) {
                tag = "\(name.image.repository):\(name.tag)"
                digest = "\(name.image.digest)"
            }
        }

        let backups: [String]
        let images: Int
        let tags: [Entry]
        let skipped: [Entry]

        init(_ outcome: RestoreWorkflow.Outcome) {
            backups = outcome.paths
            images = outcome.images
            tags = outcome.tags.map(Entry.init)
            skipped = outcome.skipped.map(Entry.init)
        }
    }
}
