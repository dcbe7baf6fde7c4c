import ArgumentParser
import ContainerImage
import ImageStore
import KbldWorkflows
import Packages

/// `kbld package join`: the files that a package was cut into become one.
struct PackageJoinCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "join",
        abstract: "Join the files of a split package into one.",
        discussion: """
            All commands read a split package in place, by its index: joining is for other programs. Each file is \
            compared with its sum in the index.

            Examples:
              kbld package join images.tar.volumes.json -o images.tar
            """
    ).ofProgram

    @Argument(help: ArgumentHelp("Index of the files.", valueName: "index"), completion: .file())
    var bare: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The index, in place of the argument.", valueName: "file"),
        completion: .file()
    )
    var input: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Tarball to write; - is standard output.", valueName: "file")
    )
    var output: String?

    @OptionGroup var checksumFlags: ChecksumFlags
    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var logFlags: LogFlags

    func validate() throws {
        let input = try PackageArgument.only(input, bare)
        guard let output, !output.isEmpty else { throw ValidationError("missing required option --output") }
        try OutputPaths.check(
            [("--output", output), ("--sha256-file", checksumFlags.path(for: output))],
            packages: [("the index", input)]
        )
    }

    func run() async throws {
        let log = Log(prefix: "join | ")
        let work = try VolumeJoin(path: try PackageArgument.only(input, bare))
        let target = output ?? ""
        let checksum = try checksumFlags.checksum(of: target)
        try await withProgress(of: "join") { progress in
            try await work.write(to: target, progress: progress)
            try await checksum?.write(progress: progress)
        }
        let isStream = target == PackagePath.standardStream
        let place = isStream ? "standard output" : target
        log.line("joined \(Count.text(work.count, "file")) into \(place), \(ByteCount(work.size))")
        // Standard output is the tarball's then.
        if !isStream { try Console(consoleFlags.options).finish() }
    }
}
