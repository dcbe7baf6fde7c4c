import ArgumentParser
import ImageStore
import KbldWorkflows
import Packages

/// `kbld package convert`: a package in another format, without a registry.
struct PackageConvertCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Write a package in another format.",
        discussion: """
            Examples:
              kbld package convert images.tar runtime.tar --format runtime
              kbld package convert images.tar layout/ --format oci
              kbld package convert nginx.tar docker.tar --format docker-archive
            """
    ).ofProgram

    @Argument(help: ArgumentHelp("The package to read.", valueName: "package"), completion: .file())
    var input: String

    @Argument(help: ArgumentHelp("What is written; - is standard output.", valueName: "output"), completion: .file())
    var output: String

    @OptionGroup var formatFlags: PackageFormatFlags
    @OptionGroup var fileFlags: FileFlags
    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var temporaryFlags: TemporaryFolderFlags
    @OptionGroup var logFlags: LogFlags

    @Option(help: ArgumentHelp("Concurrent transfers.", valueName: "count"))
    var concurrency = 64

    func validate() throws {
        try Concurrency.check(concurrency)
        try formatFlags.check(output: output)
        try PackageArgument.checkStandardInput([input], documents: fileFlags.names)
        try OutputPaths.check([("the output", output)], packages: [("the package", input)])
    }

    func run() async throws {
        let (log, summary) = (Log(prefix: "convert | "), RunSummary(command: "convert", moved: "copied"))
        var options = CopyWorkflow.Options(from: .package(path: input), to: .package(path: output))
        options.format = formatFlags.outputFormat
        options.naming = formatFlags.naming
        options.compression = formatFlags.compression
        options.files = fileFlags.names
        options.concurrency = concurrency
        let work = try CopyWorkflow(options, in: WorkflowContext(temporary: temporaryFlags, log: log))
        let outcome = try await withProgress(of: "convert") { progress in
            _ = try await work.run(progress: progress)
            return progress?.outcome
        }
        summary.write(outcome, file: output == PackagePath.standardStream ? nil : output)
        if output != PackagePath.standardStream { try Console(consoleFlags.options).finish() }
    }
}
