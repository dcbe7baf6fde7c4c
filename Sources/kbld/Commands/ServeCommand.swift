import ArgumentParser
import ContainerImage
import FoundationEssentials
import KbldConfiguration
import KbldWorkflows

/// `kbld serve`: packages as a read-only registry, or a folder as a registry that takes pushes.
struct ServeCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve packages as a registry, from their files.",
        discussion: """
            Images are found under the repositories that they come from: docker.io/library/nginx is library/nginx and \
            docker.io/library/nginx here. They have the tags kbld-sha256-<digest>, those that the package records, and \
            those that the documents or the lock file of --file tell.

            Examples:
              kbld serve -i images.tar -f resolved.yml
              podman pull --tls-verify=false 127.0.0.1:5000/library/nginx:1.29
              kbld serve -i images.tar --tls-cert cert.pem --tls-key key.pem
              kbld serve --storage ./registry
            """
    ).ofProgram

    @Argument(help: ArgumentHelp("Package to serve, as with --input.", valueName: "file"), completion: .file())
    var bare: [String] = []

    @Option(
        name: [.customShort("i"), .customLong("input")],
        help: ArgumentHelp(
            "Package to serve.",
            discussion: "Any format that unpackage reads. Repeatable.",
            valueName: "file"
        )
    )
    var inputs: [String] = []

    @OptionGroup var fileFlags: FileFlags
    @OptionGroup var finderFlags: FinderFlags
    @OptionGroup var storageFlags: StorageFlags

    @Flag(help: "Read all layers first; refuse damaged packages.")
    var verify = false

    @OptionGroup var signatureFlags: SignatureFlags
    @OptionGroup var listenFlags: ListenFlags
    @OptionGroup var temporaryFlags: TemporaryFolderFlags
    @OptionGroup var logFlags: LogFlags

    private var packages: [String] { PackageArgument.all(inputs, bare) }

    func validate() throws {
        try PackageArgument.checkStandardInput(packages, documents: fileFlags.names)
        guard packages.isEmpty || storageFlags.path == nil else {
            throw ValidationError("packages and --storage are mutually exclusive: packages can't be pushed to")
        }
        guard !packages.isEmpty || storageFlags.path != nil else {
            throw ValidationError("missing required option --input (the packages) or --storage (a folder)")
        }
        guard !packages.isEmpty || !verify else { throw ValidationError("--verify requires --input") }
        guard !packages.isEmpty || fileFlags.files.isEmpty else { throw ValidationError("--file requires --input") }
        guard !packages.isEmpty || signatureFlags.options.isEmpty else {
            throw ValidationError("--verify-key and others of its kind require --input: what is pushed isn't judged")
        }
        try OutputPaths.check(
            [("--signatures-report", signatureFlags.report), ("--ready-file", listenFlags.readyFile)],
            packages: packages.map { ("the package", $0) } + signatureFlags.inputs,
            documents: fileFlags.names
        )
    }

    func run() async throws {
        let log = Log(prefix: "serve | ")
        let work = ServeWorkflow(
            listenFlags.options(for: log),
            log: log.sink,
            warning: { Log.warning($0) },
            logError: log.errorSink
        )
        if let folder = storageFlags.path { return try await work.serve(folder: folder) }
        var context = WorkflowContext(
            version: try SemanticVersion(Kbld.version),
            variables: ProcessInfo.processInfo.environment,
            log: log.sink
        )
        context.documentOptions = try finderFlags.options()
        let documents = fileFlags.files.isEmpty ? nil : try await context.documents(in: fileFlags.names)
        try await work.serve(
            packages: packages,
            verifying: verify,
            requiring: signatureFlags.options,
            temporaryFolder: temporaryFlags.folder,
            taggedBy: documents
        )
    }
}
