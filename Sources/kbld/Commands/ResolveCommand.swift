import ArgumentParser
import ContainerImage
import KbldWorkflows
import KubernetesYAML

/// `kbld resolve`, and `kbld` alone: image references become digests.
struct ResolveCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "resolve",
        abstract: "Resolve image references to digests.",
        discussion: """
            Prints the documents with them.

            Examples:
              kbld -f config.yml > resolved.yml
              kbld -f config/ --lock-output kbld.lock.yml
              helm template app | kbld -f - --platform linux/amd64
            """
    ).ofProgram

    @OptionGroup var fileFlags: FileFlags
    @OptionGroup var finderFlags: FinderFlags
    @OptionGroup var registryFlags: RegistryFlags
    @OptionGroup var readingFlags: ReadingFlags
    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var columnFlags: ColumnFlags<NoColumns>
    @OptionGroup var logFlags: LogFlags

    @Flag(inversion: .prefixedNo, help: "Build images from sources.")
    var build = true

    @Option(
        name: .customLong("build-concurrency"),
        help: ArgumentHelp("Concurrent builds.", valueName: "count")
    )
    var buildConcurrency = 4

    @Flag(name: .customLong("images-annotation"), inversion: .prefixedNo, help: "Annotate resources.")
    var imagesAnnotation = true

    @Flag(
        name: .customLong("origins-annotation"),
        inversion: .prefixedNo,
        help: "Origins in the imgpkg lock."
    )
    var originsAnnotation = true

    @Option(
        name: .customLong("image-map-file"),
        help: ArgumentHelp("JSON file that maps images to replacements.", valueName: "file")
    )
    var imageMapFile = ""

    @Option(name: .customLong("lock-output"), help: ArgumentHelp("Lock file to write.", valueName: "file"))
    var lockOutput = ""

    @Option(
        name: .customLong("imgpkg-lock-output"),
        help: ArgumentHelp("imgpkg ImagesLock to write.", valueName: "file")
    )
    var imgpkgLockOutput = ""

    @Option(
        help: ArgumentHelp(
            "Platform to select of an index: os/arch.",
            discussion: "In full it is os/arch[/variant][:osversion].",
            valueName: "platform"
        )
    )
    var platform = ""

    @Flag(
        name: .customLong("unresolved-inspect"),
        inversion: .prefixedNo,
        help: "List the images as written; ask no registry."
    )
    var unresolvedInspect = false

    @Flag(name: .customLong("keep-tags"), help: "Keep tags: name:tag@sha256:….")
    var keepTags = false

    @Flag(help: "Refuse whatever needs the network: tags, builds.")
    var offline = false

    func validate() throws {
        guard lockOutput.isEmpty || imgpkgLockOutput.isEmpty else {
            throw ValidationError("--lock-output and --imgpkg-lock-output are mutually exclusive")
        }
        try OutputPaths.check(
            locks: [("--lock-output", lockOutput), ("--imgpkg-lock-output", imgpkgLockOutput)],
            documents: fileFlags.names
        )
        try Concurrency.check(buildConcurrency, of: "--build-concurrency")
    }

    func run() async throws {
        let log = Log(prefix: "resolve | ")
        var context = try WorkflowContext(registryFlags, finders: finderFlags, reading: readingFlags, log: log)
        context.documentOptions.isOffline = offline
        let work = try await ResolveWorkflow(try options(), in: context)
        let console = Console(consoleFlags.options)
        if unresolvedInspect {
            let list = work.references.map { YAMLValue.map(["image": .string($0)]) }
            if !list.isEmpty { try console.block(YAMLWriter.text(of: .list(list))) }
            return try console.finish()
        }
        let images = try await withProgress(of: "resolve") { try await work.run(progress: $0) }
        for text in try await work.documents(with: images) { try console.block(text) }
        try console.finish()
    }

    private func options() throws -> ResolveWorkflow.Options {
        var options = ResolveWorkflow.Options(files: fileFlags.names)
        options.imageMap = imageMapFile.isEmpty ? nil : imageMapFile
        options.platform = platform.isEmpty ? nil : try Platform(platform)
        options.builds = build
        options.buildConcurrency = buildConcurrency
        options.annotates = imagesAnnotation
        options.keepsTags = keepTags
        options.lockOutput = lockOutput.isEmpty ? nil : lockOutput
        options.imgpkgLockOutput = imgpkgLockOutput.isEmpty ? nil : imgpkgLockOutput
        options.tellsOrigins = originsAnnotation
        options.buildLog = { Log.write($0) }
        return options
    }
}
