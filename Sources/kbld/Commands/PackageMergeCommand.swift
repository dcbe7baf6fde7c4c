import ArgumentParser
import ContainerImage
import ImageStore
import KbldWorkflows
import Packages

/// `kbld package merge`: several packages become one, and deltas become whole.
struct PackageMergeCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Merge tarballs, or deltas and their base, into one.",
        discussion: """
            With a delta among the tarballs, the result is what the delta would be had nothing been left out: the other
            tarballs give layers alone. With --join it has the images of all of them. Without a delta it always has.

            Examples:
              kbld package merge base.tar delta.tar --output whole.tar
              kbld package merge front.tar back.tar --output both.tar
            """
    ).ofProgram

    @Argument(help: ArgumentHelp("The tarballs.", valueName: "file"), completion: .file())
    var bare: [String] = []

    @Option(
        name: [.customShort("i"), .customLong("input")],
        help: ArgumentHelp("A tarball, as an argument.", valueName: "file"),
        completion: .file()
    )
    var inputs: [String] = []

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Tarball to write; - is standard output.", valueName: "file")
    )
    var output: String?

    @Flag(help: "Keep the images of all, not of deltas alone.")
    var join = false

    @OptionGroup var checksumFlags: ChecksumFlags
    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var temporaryFlags: TemporaryFolderFlags
    @OptionGroup var logFlags: LogFlags

    private var tarballs: [String] { PackageArgument.all(inputs, bare) }

    func validate() throws {
        guard !tarballs.isEmpty else { throw ValidationError("missing the tarballs") }
        guard let output, !output.isEmpty else { throw ValidationError("missing required option --output") }
        try PackageArgument.checkStandardInput(tarballs)
        try OutputPaths.check(
            [("--output", output), ("--sha256-file", checksumFlags.path(for: output))],
            packages: tarballs.map { ("a package", $0) }
        )
    }

    func run() async throws {
        let (log, summary) = (Log(prefix: "merge | "), RunSummary(command: "merge", moved: "copied"))
        let checksum = try checksumFlags.checksum(of: output)
        let work = try await MergeWorkflow(
            tarballs,
            to: output ?? "",
            keepingAll: join,
            temporaryFolder: temporaryFlags.folder,
            log: log.sink
        )
        let outcome = try await withProgress(of: "merge") { progress in
            try await work.run(progress: progress)
            let outcome = progress?.outcome
            try await checksum?.write(progress: progress)
            return outcome
        }
        log.line("merged \(Count.text(work.count, "image"))")
        summary.write(outcome, file: output == PackagePath.standardStream ? nil : output)
        if output != PackagePath.standardStream { try Console(consoleFlags.options).finish() }
    }
}
