import ArgumentParser
import ContainerImage
import ImageStore
import RegistryClient

/// `kbld package create`, and `kbld package` alone: all images of the documents go into one tarball.
struct PackageCreateCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Download all images into one tarball.",
        discussion: """
            Examples:
              kbld pkg -f resolved.yml --output images.tar
              kbld pkg -f resolved.yml --output images.oci.tar --format oci
            """
    )

    @OptionGroup var fileFlags: FileFlags
    @OptionGroup var registryFlags: RegistryFlags
    @OptionGroup var resumeFlags: ResumeFlags
    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var logFlags: LogFlags
    @OptionGroup var formatFlags: PackageFormatFlags

    @Option(name: .shortAndLong, help: ArgumentHelp("Where the tarball is written.", valueName: "file"))
    var output: String?

    @Option(help: ArgumentHelp("How many transfers are under way at once.", valueName: "count"))
    var concurrency = 16

    func validate() throws {
        guard let output, !output.isEmpty else { throw ValidationError("--output is missing: where the tarball goes") }
        guard concurrency > 0 else { throw ValidationError("--concurrency must be at least 1") }
    }

    func run() async throws {
        let writer = ArchiveWriter(path: output ?? "", resumes: resumeFlags.resume)
        if !formatFlags.writesFolder(writer.path) { try writer.check() }
        let manifests = try await fileFlags.manifests()
        let references = try PackagedReferences(manifests)
        let log = Log(prefix: "package | ")
        log.line("exporting \(references.count) images...")
        for text in references.texts { log.line("will export \(text)") }
        try await logFlags.withProgress(of: "package", copying: "downloading") { progress in
            try await registryFlags.withClient { client in
                let trees = try await ImageTree.read(
                    references.all,
                    from: { client.repository($0) },
                    atMost: concurrency,
                    progress: progress
                )
                try await formatFlags.write(
                    trees,
                    to: writer,
                    from: { client.repository($0) },
                    atMost: concurrency,
                    progress: progress
                )
            }
        }
        log.line("exported \(references.count) images")
        try consoleFlags.console().finish()
    }
}
