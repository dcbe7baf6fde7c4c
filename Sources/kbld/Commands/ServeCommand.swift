import ArgumentParser
import KbldWorkflows

/// `kbld serve`: packages as a read-only registry, or a folder as a registry that takes pushes.
struct ServeCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve packages as a registry, from their files.",
        discussion: """
            Images are found under the repositories that they come from: docker.io/library/nginx is library/nginx and \
            docker.io/library/nginx here. They have the tags kbld-sha256-<digest> and those that the package records.

            Examples:
              kbld serve -i images.tar
              kbld serve -i images.tar --tls-cert cert.pem --tls-key key.pem
              podman pull --tls-verify=false 127.0.0.1:5000/library/nginx@sha256:…
              kbld serve --writable ./registry
            """
    )

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

    @Option(help: ArgumentHelp("Take pushes, and store them in this folder.", valueName: "folder"))
    var writable: String?

    @Flag(help: "Read all layers first; refuse damaged packages.")
    var verify = false

    @OptionGroup var listenFlags: ListenFlags
    @OptionGroup var logFlags: LogFlags

    private var packages: [String] { PackageArgument.all(inputs, bare) }

    func validate() throws {
        guard packages.isEmpty != (writable == nil) else {
            throw ValidationError("missing required option --input (the packages) or --writable (a folder)")
        }
        guard !verify || writable == nil else { throw ValidationError("--verify requires --input") }
    }

    func run() async throws {
        let log = Log(prefix: "serve | ")
        let work = ServeWorkflow(listenFlags.options, log: log.sink, logError: log.errorSink)
        if let writable {
            try await work.serve(folder: writable)
        } else {
            try await work.serve(packages: packages, verifying: verify)
        }
    }
}
