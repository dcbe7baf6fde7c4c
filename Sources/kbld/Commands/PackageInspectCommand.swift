import ArgumentParser
import PackageReport
import SystemPackage

/// `kbld package inspect`: where the bytes of images are.
struct PackageInspectCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect",
        abstract: "Show images, platforms, layers and sizes, and what sharing layers saves.",
        discussion: """
            SUBJECT is a package, documents or a lock file, or an image in a registry.

            Examples:
              kbld package inspect images.tar
              kbld package inspect kbld.lock.yml --json
              kbld package inspect nginx:1.29
              kbld package inspect images.tar --html images.html
            """
    )

    @Argument(help: ArgumentHelp("A package, documents or a lock file, or a reference.", valueName: "subject"))
    var subject: String?

    @OptionGroup var fileFlags: FileFlags

    @Option(help: ArgumentHelp("Write a page of its own with a picture here.", valueName: "file"))
    var html: String?

    @OptionGroup var registryFlags: RegistryFlags
    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var logFlags: LogFlags

    @Option(help: ArgumentHelp("How many requests are under way at once.", valueName: "count"))
    var concurrency = 16

    func validate() throws {
        guard (subject != nil) != !fileFlags.files.isEmpty else {
            throw ValidationError("Give either a package, file or reference to look into, or documents with --file")
        }
        guard concurrency > 0 else { throw ValidationError("--concurrency must be at least 1") }
    }

    func run() async throws {
        let files = fileFlags.files.flatMap { $0.split(separator: ",").map(String.init) }
        let opened = try subject.map { try ImageSubject($0) } ?? .documents(files)
        let content = try await logFlags.withProgress(of: "inspect") {
            try await opened.content(with: registryFlags, atMost: concurrency, progress: $0)
        }
        let report = PackageReport(
            content.trees,
            subject: subject ?? files.joined(separator: ", "),
            packageBytes: content.packageBytes
        )
        if let html {
            // A web server may show it.
            try TextFile.write(ReportPage(report).text, to: html, permissions: FilePermissions(rawValue: 0o644))
        }
        try ReportOutput(report: report).write(to: consoleFlags)
        let log = Log(prefix: "inspect | ")
        for line in PackageFormatLog.absent(from: content.trees) { log.line(line) }
        log.line(report.summary)
    }
}
