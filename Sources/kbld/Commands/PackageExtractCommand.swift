import ArgumentParser
import ContainerImage
import ImageFiles
import KbldWorkflows

/// `kbld package extract`: parts of a package become files.
struct PackageExtractCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "extract",
        abstract: "Write a manifest, a config, a layer, a file or a folder that is in a package to disk.",
        discussion: """
            A folder goes into one that is new or empty, without owners and special permissions. Links that might lead out
            of it, devices and pipes are left out.

            Examples:
              kbld package extract images.tar registry.local/app --config -o config.json
              kbld package extract images.tar registry.local/app:/usr/bin/app -o app
              kbld package extract x.tar r.local/app:/ --platform linux/amd64 -o rootfs
            """
    )

    @OptionGroup var subjectFlags: PackagedSubjectFlags

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Write to this file, or to this new or empty folder.", valueName: "path"),
        completion: .file()
    )
    var output: String?

    @OptionGroup var logFlags: LogFlags

    func validate() throws {
        guard let output, !output.isEmpty else { throw ValidationError("missing required option --output") }
        guard output != "-" else {
            throw ValidationError("--output must be a path; kbld package cat prints to standard output")
        }
    }

    func run() async throws {
        let log = Log(prefix: "extract | ")
        let (path, platform) = (output ?? "", try subjectFlags.platform())
        let work = try await PackageContentsWorkflow(subjectFlags.package)
        let written = try await withProgress(of: "extract") { progress in
            try await work.extract(subjectFlags.name, subjectFlags.part, for: platform, to: path, progress: progress)
        }
        guard let written else { return log.line("wrote \(path)") }
        for path in written.omitted.prefix(Self.namedLimit) {
            log.line("left out \(TerminalText.line(path)): it is a device, a pipe, or a link that might lead out")
        }
        let unnamed = written.omitted.count - Self.namedLimit
        if unnamed > 0 { log.line("left out \(unnamed) more") }
        log.line("wrote \(written.files) files (\(ByteCount(written.bytes))) and \(written.links) links to \(path)")
    }

    /// How many paths are named that are left out.
    private static let namedLimit = 20
}
