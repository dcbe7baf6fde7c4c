import ArgumentParser
import FoundationEssentials
import KbldWorkflows
import LocalFiles
import PackageReport
import Packages
import SystemPackage

/// `kbld package inspect`: where the bytes of images are.
struct PackageInspectCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show images, platforms, layers and sizes.",
        discussion: """
            The subject is a package, documents or a lock file, or an image in a registry.

            Examples:
              kbld package inspect images.tar
              kbld package inspect kbld.lock.yml --json
              kbld package inspect nginx:1.29
              kbld package inspect images.tar --html images.html
            """
    ).ofProgram

    @Argument(
        help: ArgumentHelp("A package, documents or a lock file, or a reference.", valueName: "subject"),
        completion: .file()
    )
    var bare: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The subject, in place of the argument.", valueName: "file"),
        completion: .file()
    )
    var input: String?

    @OptionGroup var fileFlags: FileFlags
    @OptionGroup var finderFlags: FinderFlags

    @Option(help: ArgumentHelp("Write a self-contained HTML page; - is standard output.", valueName: "file"))
    var html: String?

    @OptionGroup var registryFlags: RegistryFlags
    @OptionGroup var readingFlags: ReadingFlags
    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var columnFlags: ColumnFlags<ReportOutput.Columns>
    @OptionGroup var temporaryFlags: TemporaryFolderFlags
    @OptionGroup var logFlags: LogFlags

    @Option(help: ArgumentHelp("Concurrent requests.", valueName: "count"))
    var concurrency = 16

    private var subject: String? {
        get throws { bare == nil && input == nil ? nil : try PackageArgument.only(input, bare) }
    }

    func validate() throws {
        try columnFlags.check()
        let subject = try subject
        guard (subject != nil) != !fileFlags.files.isEmpty else {
            throw ValidationError("Give either a package, file or reference to look into, or documents with --file")
        }
        guard html != PackagePath.standardStream || !consoleFlags.json else {
            throw ValidationError("--html - and --json are mutually exclusive: both go to standard output")
        }
        try OutputPaths.check([("--html", html)], packages: [("the package", subject)], documents: fileFlags.names)
        try Concurrency.check(concurrency)
    }

    /// The program and the time, which whoever builds reproducibly sets.
    private static func origin() throws -> ReportPage.Origin {
        ReportPage.Origin(
            program: "kbld for Swift \(BuildInformation.version)",
            date: try SourceDate.date(ProcessInfo.processInfo.environment)
        )
    }

    func run() async throws {
        let log = Log(prefix: "inspect | ")
        let context = try WorkflowContext(
            registryFlags,
            finders: finderFlags,
            reading: readingFlags,
            temporary: temporaryFlags,
            log: log
        )
        let work =
            if let subject = try subject {
                try ReportWorkflow(on: subject, atMost: concurrency, in: context)
            } else {
                ReportWorkflow(onDocuments: fileFlags.names, atMost: concurrency, in: context)
            }
        let (report, remarks) = try await withProgress(of: "inspect") { try await work.run(progress: $0) }
        if html == PackagePath.standardStream {
            try StandardOutput.write(ReportPage(report, by: Self.origin()).text)
        } else if let html {
            // A web server may show it.
            try TextFile.write(
                ReportPage(report, by: Self.origin()).text,
                to: html,
                permissions: FilePermissions(rawValue: 0o644)
            )
        }
        // The page has all that the table has.
        if html != PackagePath.standardStream {
            try ReportOutput(report: report).write(as: consoleFlags.options(of: columnFlags))
        }
        remarks.forEach(log.sink)
        log.line(report.summary)
    }
}
