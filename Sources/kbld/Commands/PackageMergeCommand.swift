import ArgumentParser
import ContainerImage
import ImageStore
import Packages

/// `kbld package merge`: several packages become one, and deltas become whole.
struct PackageMergeCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "merge",
        abstract: "Make one tarball of several.",
        discussion: """
            With a delta among the tarballs, the result is what the delta would be had nothing been left out: the other
            tarballs give layers alone. With --join it has the images of all of them. Without a delta it always has.

            Examples:
              kbld package merge base.tar delta.tar --output whole.tar
              kbld package merge front.tar back.tar --output both.tar
            """
    )

    @Argument(help: ArgumentHelp("The tarballs.", valueName: "file"))
    var inputs: [String]

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Where the tarball is written; - is standard output.", valueName: "file")
    )
    var output: String?

    @Flag(help: "Keep the images of all tarballs, not those of the deltas alone.")
    var join = false

    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var logFlags: LogFlags

    func validate() throws {
        guard let output, !output.isEmpty else { throw ValidationError("--output is missing: where the tarball goes") }
    }

    func run() async throws {
        let writer = ArchiveWriter(path: output ?? "")
        try writer.check()
        var archives: [ArchiveReader] = []
        for path in inputs {
            let package = try await AnyPackage(path: path)
            guard let archive = package.archive else {
                throw UnmergeablePackageError(path: path, format: package.format)
            }
            archives.append(archive)
        }
        let merged = try MergedArchives(archives, keepingAll: join)
        let plan = try ArchivePlan(merged.trees, notes: merged.notes)
        let log = Log(prefix: "merge | ")
        log.line("merging \(merged.trees.count) images of \(merged.chosen.map(\.path).joined(separator: ", "))...")
        try await logFlags.withProgress(of: "merge") { progress in
            try await writer.write(plan, from: { _ in merged }, atMost: 2, progress: progress)
        }
        log.line("merged \(merged.trees.count) images")
        if writer.path != PackagePath.standardStream { try consoleFlags.console().finish() }
    }
}

/// A package of a format that isn't merged.
private struct UnmergeablePackageError: Error, Sendable, CustomStringConvertible {
    let path: String
    let format: PackageFormat

    var description: String {
        "Merging '\(path)': it is of the format \(format), and only kbld's own tarballs are merged; "
            + "unpackage it beside the others instead"
    }
}
