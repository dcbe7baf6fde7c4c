import ArgumentParser
import ContainerImage
import ImageTransfer
import KbldWorkflows
import LocalFiles
import ReferenceChecks
import SourceReferences
import SystemPackage

/// `kbld check`: what is wrong with the image references of files.
struct CheckCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check image references by rules, for CI.",
        discussion: """
            Kubernetes documents, Dockerfiles, Compose files, pipelines and others are read; registries are asked only \
            where a rule needs it. The exit status is 0 if nothing is found at --fail-on or above, 1 if the check can't \
            run, 2 for findings, 3 if there are none but something couldn't be checked.

            Examples:
              kbld check -f deploy/
              kbld check -f deploy/ --rules all --format sarif -o check.sarif
              kbld check -f release.yml --against registry.local/app
            """
    ).ofProgram

    @Argument(
        help: ArgumentHelp("Files and folders, beside those of --file.", valueName: "file"),
        completion: .file()
    )
    var bare: [String] = []

    @OptionGroup var fileFlags: SourceFileFlags

    @Option(
        name: .customLong("type"),
        help: ArgumentHelp(
            "Kind of the files; auto by name and content.",
            discussion: "auto, \(SourceFileKind.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "kind"
        ),
        completion: .list(["auto"] + SourceFileKind.allCases.map(\.rawValue))
    )
    var type = "auto"

    @Flag(name: .customLong("git-ignored"), inversion: .prefixedNo, help: "Take files too that git ignores.")
    var gitIgnored = false

    @OptionGroup var ruleFlags: RuleFlags

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Package that must have all images.", valueName: "file"),
        completion: .file()
    )
    var input: String?

    @Option(help: ArgumentHelp("Repository that must have all images.", valueName: "repository"))
    var against: String?

    @Option(
        name: .customLong("repository-layout"),
        help: ArgumentHelp(
            "With --against: flat (default), mirror, mirror-with-host",
            discussion: "As the images were installed.",
            valueName: "layout"
        ),
        completion: .list(RepositoryLayout.allCases.map(\.rawValue))
    )
    var layout: String?

    @Option(
        name: .customLong("lock"),
        help: ArgumentHelp(
            "Lock file that must agree with the references.",
            discussion: "What it pins counts as pinned.",
            valueName: "file"
        ),
        completion: .file()
    )
    var lock: String?

    @OptionGroup var signatureFlags: SignatureFlags

    @Option(
        name: .customLong("format"),
        help: ArgumentHelp(
            "\(ReportFormat.allCases.map(\.rawValue).joined(separator: ", "))",
            discussion: "Form of the report.",
            valueName: "format"
        ),
        completion: .list(ReportFormat.allCases.map(\.rawValue))
    )
    var format = ReportFormat.text.rawValue

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("File for the report, in place of standard output.", valueName: "file"),
        completion: .file()
    )
    var output: String?

    @Option(
        name: .customLong("baseline"),
        help: ArgumentHelp("JSON of an earlier check: report only what is new.", valueName: "file"),
        completion: .file()
    )
    var baseline: String?

    @Option(
        name: .customLong("fail-on"),
        help: ArgumentHelp("Lowest level that fails: note, warning, error, never.", valueName: "level"),
        completion: .list(["note", "warning", "error", "never"])
    )
    var failOn = "error"

    @Option(
        name: .customLong("unchecked"),
        help: ArgumentHelp(
            "What couldn't be checked is ok or fail.",
            discussion: "In place of exit status 3: 0 or 2.",
            valueName: "outcome"
        ),
        completion: .list(CheckReport.Weighing.Unchecked.allCases.map(\.rawValue))
    )
    var unchecked: String?

    @Option(help: ArgumentHelp("Concurrent requests.", valueName: "count"))
    var concurrency = 16

    @OptionGroup var registryFlags: RegistryFlags
    @OptionGroup var readingFlags: ReadingFlags
    @OptionGroup var temporaryFlags: TemporaryFolderFlags
    @OptionGroup var logFlags: LogFlags

    func validate() throws {
        try Concurrency.check(concurrency)
        guard !names.isEmpty else {
            throw ValidationError("name the files and folders to check with --file, as in -f deploy/")
        }
        try SourceFileFlags.refuseAddresses(names, beingDone: "checked")
        _ = try options()
        _ = try weighing()
        _ = try reportFormat()
        guard output != "" else { throw ValidationError("--output must be a path") }
    }

    func run() async throws {
        let log = Log(prefix: "check | ")
        try OutputPaths.check([
            ("--output", output), ("--baseline", baseline), ("--lock", lock), ("--input", input),
            ("--signatures-report", signatureFlags.report),
        ])
        try OutputPaths.check(
            [("--output", output), ("--signatures-report", signatureFlags.report)],
            packages: signatureFlags.inputs,
            documents: names
        )
        if let output, output != "-" { try TextFile.check(output) }
        for omission in try choice().omitted {
            let error = RuleChoiceError(rule: omission.rule, reason: omission.reason)
            log.line("left out: \(RuleFlags.words(for: error))")
        }
        let work = try await CheckWorkflow(
            try options(),
            in: WorkflowContext(registryFlags, reading: readingFlags, temporary: temporaryFlags, log: log)
        )
        var report = try await work.run()
        // A login may stand before a registry's name.
        report.rewriteTexts(by: Redaction.text)
        let remarks = try write(report)
        for remark in report.remarks + remarks { log.line(remark) }
        log.line(ReportWriter(report).summary)
        switch report.outcome(by: try weighing()) {
        case .passed: break
        case .findings: throw ExitCode(2)
        case .unchecked: throw ExitCode(3)
        }
    }

    /// Writes the report, and returns what is to be said of it.
    private func write(_ report: CheckReport) throws -> [String] {
        var writer = ReportWriter(report)
        let weighing = try weighing()
        writer.failing = weighing.failing
        writer.failsUnchecked = weighing.unchecked != .ok
        writer.version = BuildInformation.version
        writer.wording = Hints.text
        writer.plain = TerminalText.line
        let format = try reportFormat()
        let isFile = output != nil && output != "-"
        let (text, remarks) = try writer.output(as: format, width: isFile ? nil : Terminal.width(of: 1))
        let safe =
            switch format {
            case .text, .junit: text
            case .json, .sarif, .gitlab: TerminalText.json(text)
            case .github: text.split(separator: "\n").map { TerminalText.line(String($0)) + "\n" }.joined()
            }
        if let output, isFile {
            try TextFile.write(safe, to: output, permissions: [.ownerReadWrite, .groupRead, .otherRead])
        } else {
            try StandardOutput.write(safe)
        }
        return remarks
    }

    // MARK: Flags

    private var names: [String] { fileFlags.names + bare }

    private func choice() throws -> RuleChoice {
        var inputs: Set<RuleChoice.Input> = []
        if input != nil { inputs.insert(.package) }
        if against != nil { inputs.insert(.mirror) }
        if lock != nil { inputs.insert(.lock) }
        if !signatureFlags.options.isEmpty { inputs.insert(.signatures) }
        return try ruleFlags.choice(with: inputs)
    }

    private func options() throws -> CheckWorkflow.Options {
        var options = CheckWorkflow.Options(
            selection: SourceFileSelection(names: names),
            settings: try ruleFlags.settings(for: try choice())
        )
        options.settings.concurrency = concurrency
        if type != "auto" {
            guard let kind = SourceFileKind(rawValue: type) else {
                let kinds = SourceFileKind.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("--type must be one of auto, \(kinds), not '\(type)'")
            }
            options.selection.kind = kind
        }
        options.selection.takesGitIgnored = gitIgnored
        options.selection.passesOverLinks = true
        options.package = input
        options.lock = lock
        options.signatures = signatureFlags.options
        options.baseline = baseline
        if let layout, RepositoryLayout(rawValue: layout) == nil {
            let names = RepositoryLayout.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--repository-layout must be one of \(names), not '\(layout)'")
        }
        guard layout == nil || against != nil else { throw ValidationError("--repository-layout requires --against") }
        if let against {
            let root = try RepositoryArgument.repository(against, of: "--against")
            options.mirror = (root, layout.flatMap(RepositoryLayout.init) ?? .flat)
        }
        return options
    }

    private func reportFormat() throws -> ReportFormat {
        guard let known = ReportFormat(rawValue: format) else {
            let names = ReportFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--format must be one of \(names), not '\(format)'")
        }
        return known
    }

    private func weighing() throws -> CheckReport.Weighing {
        var weighing = CheckReport.Weighing()
        if failOn == "never" {
            weighing.failing = nil
        } else {
            guard let level = CheckLevel(rawValue: failOn) else {
                throw ValidationError("--fail-on must be one of note, warning, error, never, not '\(failOn)'")
            }
            weighing.failing = level
        }
        if let unchecked {
            guard let outcome = CheckReport.Weighing.Unchecked(rawValue: unchecked) else {
                throw ValidationError("--unchecked must be ok or fail, not '\(unchecked)'")
            }
            weighing.unchecked = outcome
        }
        return weighing
    }
}
