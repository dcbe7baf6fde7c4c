import ArgumentParser
import ContainerImage
import KbldWorkflows
import PackageReport
import Presentation
import ReferenceChecks
import RegistryMirroring

/// `kbld mirror prune`: what the file doesn't name any more goes, in two steps.
struct MirrorPruneCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Delete the mirror's tags that the file doesn't name any more: first a plan, then what it says.",
        discussion: """
            Only tags that the mirror has set, or adopted, are deleted. Without --apply nothing is.

            Examples:
              kbld mirror prune -f mirror.yml --plan prune.json
              kbld mirror prune -f mirror.yml --apply prune.json
            """
    ).ofProgram

    @OptionGroup var fileFlags: FileFlags
    @OptionGroup var finderFlags: FinderFlags
    @OptionGroup var registryFlags: RegistryFlags
    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var columnFlags: ColumnFlags<Columns>
    @OptionGroup var logFlags: LogFlags

    @Option(help: ArgumentHelp("Write here what would be deleted.", valueName: "file"), completion: .file())
    var plan: String?

    @Option(help: ArgumentHelp("Delete what this plan says.", valueName: "file"), completion: .file())
    var apply: String?

    @Option(
        name: .customLong("max-age"),
        help: ArgumentHelp("How old a plan may be: 24h (default), 2d.", valueName: "age")
    )
    var maximalAge: String?

    @Option(help: ArgumentHelp("How much of all tags may be deleted: 20% (default).", valueName: "percent"))
    var limit: String?

    @Flag(help: ArgumentHelp("Take tags that are there already for the mirror's own, which pruning may delete."))
    var adopt = false

    @Option(help: ArgumentHelp("Source that has no tags any more; what it had may go.", valueName: "repository"))
    var gone: [String] = []

    @Option(help: ArgumentHelp("Concurrent transfers.", valueName: "count"))
    var concurrency = 64

    /// What is known of a tag that goes.
    enum Columns: TableColumns {
        static let headings = ["Tag", "Digest"]
    }

    func validate() throws {
        try columnFlags.check()
        guard !fileFlags.files.isEmpty else {
            throw ValidationError("missing required option --file (the mirror file)")
        }
        guard fileFlags.names.count == 1 else { throw ValidationError("--file can be given once: one mirror file") }
        try Concurrency.check(concurrency)
        guard plan == nil || apply == nil else { throw ValidationError("--plan and --apply are mutually exclusive") }
        guard apply != nil || maximalAge == nil && limit == nil else {
            throw ValidationError("--max-age and --limit need --apply")
        }
        guard apply == nil || !adopt else { throw ValidationError("--adopt can't be used with --apply") }
        guard apply == nil || gone.isEmpty else {
            throw ValidationError("--gone can't be used with --apply: the plan has what --gone says")
        }
        _ = try options()
    }

    func run() async throws {
        let log = Log(prefix: "mirror | ")
        let work = try PruneWorkflow(try options(), in: WorkflowContext(registryFlags, finders: finderFlags, log: log))
        let outcome = try await withProgress(of: "mirror") { _ in
            if let apply { return try await work.apply(apply) }
            return try await work.plan(to: plan)
        }
        if consoleFlags.json {
            try StandardOutput.write(TerminalText.json(ReportJSON.text(of: Result(outcome))))
        } else {
            let console = Console(consoleFlags.options(of: columnFlags))
            let rows = (outcome.deleted ?? outcome.plan.tags).map { [$0.name, "\($0.digest)"] }
            try console.table(
                Table(
                    content: "tags",
                    header: Columns.headings,
                    rows: rows,
                    grid: Table.Grid(styles: [.name, .text])
                )
            )
            try console.finish(false)
        }
        for note in outcome.notes { log.line(note) }
        let all = Count.text(outcome.plan.total, "tag")
        if let deleted = outcome.deleted {
            let absent = outcome.absent.isEmpty ? "" : "; \(outcome.absent.count) were gone before"
            log.line("deleted \(deleted.count) of \(all), and \(outcome.companions) that belonged to them\(absent)")
        } else {
            log.line("would delete \(outcome.plan.tags.count) of \(all); nothing was deleted")
        }
        try MirrorFailuresError.check(outcome.failures)
    }

    private func options() throws -> PruneWorkflow.Options {
        var options = PruneWorkflow.Options(file: fileFlags.names.first ?? "-")
        options.concurrency = concurrency
        options.adopts = adopt
        options.gone = try gone.map { text in
            do {
                return try Repository(text)
            } catch {
                throw ValidationError("--gone \(text): \(error)")
            }
        }
        if let maximalAge {
            guard let age = try? AgeLimit(maximalAge) else {
                throw ValidationError("--max-age must be a number of hours, days or weeks: 24h, 2d, 1w")
            }
            options.maximalAge = age.seconds
        }
        if let limit {
            let number = limit.hasSuffix("%") ? String(limit.dropLast()) : limit
            guard let percent = Double(number), (0...100).contains(percent) else {
                throw ValidationError("--limit must be a percentage from 0% to 100%")
            }
            options.limit = percent
        }
        return options
    }

    private struct Result: Encodable {
        struct Entry: Encodable {
            let tag: String
            let digest: String
        }

        let target: String
        let total: Int
        let planned: [Entry]
        let deleted: [Entry]?
        let absent: [Entry]?
        let companions: Int
        let failures: [String]
        let notes: [String]

        init(_ outcome: PruneWorkflow.Outcome) {
            target = outcome.plan.target
            total = outcome.plan.total
            planned = Self.entries(outcome.plan.tags)
            deleted = outcome.deleted.map(Self.entries)
            absent = outcome.deleted == nil ? nil : Self.entries(outcome.absent)
            companions = outcome.companions
            failures = outcome.failures.map(Hints.text)
            notes = outcome.notes
        }

        private static func entries(_ tags: [PrunePlan.Entry]) -> [Entry] {
            tags.map { Entry(tag: $0.name, digest: "\($0.digest)") }
        }
    }
}
