import ArgumentParser
import ContainerImage
import ImageFiles
import ImageStore
import KbldWorkflows
import Packages

/// `kbld package extract`: parts of a package become files, or a package of their own.
struct PackageExtractCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "extract",
        abstract: "Take images out of a package into a smaller one, or files out of an image in it.",
        discussion: """
            With --file or --image the result is a package: the images that documents name, those whose names match, and \
            what is attached to them, as kbld pkg would write it; the package may be a stream. With an image as an \
            argument the result is its manifest, config, a layer, a file or a folder. A folder goes into one that is new or empty, without owners and special permissions. Links that might lead out
            of it, devices and pipes are left out.

            Examples:
              kbld package extract images.tar -f part.yml -o part.tar
              kbld package extract images.tar --image '**/nginx' -o nginx.tar
              kbld package extract images.tar registry.local/app --config -o config.json
              kbld package extract images.tar registry.local/app:/usr/bin/app -o app
              kbld package extract x.tar r.local/app:/ --platform linux/amd64 -o rootfs
            """
    ).ofProgram

    @OptionGroup var subjectFlags: PackagedSubjectFlags

    @OptionGroup var fileFlags: FileFlags
    @OptionGroup var partFlags: PackagePartFlags

    @Option(
        help: ArgumentHelp(
            "Of a package that is written: kbld, or oci for an OCI layout. Default: kbld.",
            valueName: "format"
        )
    )
    var format: PackageFormatFlags.Format?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Write to this file, or to this new or empty folder.", valueName: "path"),
        completion: .file()
    )
    var output: String?

    @OptionGroup var temporaryFlags: TemporaryFolderFlags
    @OptionGroup var logFlags: LogFlags

    func validate() throws {
        guard let output, !output.isEmpty else { throw ValidationError("missing required option --output") }
        try OutputPaths.check(
            [("--output", output)],
            packages: [("the package", try subjectFlags.package)],
            documents: fileFlags.names
        )
        if takesPart { return try checkPart() }
        _ = try subjectFlags.subject()
        guard format == nil, !partFlags.whole else {
            throw ValidationError("--format and --whole need --file or --image: what is written is not a package")
        }
        guard output != "-" else {
            throw ValidationError("--output must be a path; kbld package cat prints to standard output")
        }
    }

    /// Whether a package is written.
    private var takesPart: Bool { !fileFlags.names.isEmpty || !partFlags.imageFlags.patterns.isEmpty }

    private func checkPart() throws {
        guard try subjectFlags.named == nil, !subjectFlags.config, subjectFlags.platformText == nil else {
            throw ValidationError(
                "--file and --image, which give a package, and an image's name, --config or --platform, which give files, "
                    + "are mutually exclusive"
            )
        }
        try PackageArgument.checkStandardInput([try subjectFlags.package], documents: fileFlags.names)
    }

    private func writePart(_ log: Log) async throws {
        let summary = RunSummary(command: "extract", moved: "copied")
        var options = PartialPackageWorkflow.Options(input: try subjectFlags.package, output: output ?? "")
        options.files = fileFlags.names
        options.part = partFlags.part
        options.format = format?.outputFormat ?? .kbld
        let work = try await PartialPackageWorkflow(options, in: WorkflowContext(temporary: temporaryFlags, log: log))
        let outcome = try await withProgress(of: "extract") { progress in
            try await work.run(progress: progress)
            return progress?.outcome
        }
        log.line("extracted \(Count.text(work.count, "image"))")
        if work.count == 0 { Log.warning("the documents name no image, so the package is empty") }
        summary.write(outcome, file: output == PackagePath.standardStream ? nil : output)
    }

    func run() async throws {
        let log = Log(prefix: "extract | ")
        guard !takesPart else { return try await writePart(log) }
        let (path, platform) = (output ?? "", try subjectFlags.platform())
        let (package, name) = try subjectFlags.subject()
        let work = try await PackageContentsWorkflow(package, temporaryFolder: temporaryFlags.folder)
        let written = try await withProgress(of: "extract") { progress in
            try await work.extract(name, subjectFlags.part, for: platform, to: path, progress: progress)
        }
        guard let written else { return log.line("wrote \(path)") }
        for path in written.omitted.prefix(Self.namedLimit) {
            log.line("left out \(TerminalText.line(path)): it is a device, a pipe, or a link that might lead out")
        }
        let unnamed = written.omitted.count - Self.namedLimit
        if unnamed > 0 { log.line("left out \(unnamed) more") }
        log.line(
            "wrote \(Count.text(written.files, "file")) (\(ByteCount(written.bytes)))"
                + (written.links > 0 ? " and \(Count.text(written.links, "link"))" : "") + " to \(path)"
        )
    }

    /// How many paths are named that are left out.
    private static let namedLimit = 20
}
