import ArgumentParser
import ContainerImage
import ImageStore
import KbldWorkflows
import Packages

/// `kbld package load`: the images of a package go into a runtime.
struct PackageLoadCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Load a package into a container runtime.",
        discussion: """
            The runtime's own program does it; afterwards it is asked for the images, and their digests are compared.

            Examples:
              kbld package load images.tar --into containerd
              kbld package load images.tar --into kind:dev
              kbld package load images.tar --into /var/lib/rancher/rke2/agent/images
            """
    ).ofProgram

    @Argument(help: ArgumentHelp("The package.", valueName: "package"), completion: .file())
    var input: String

    @Option(
        help: ArgumentHelp(
            "containerd, docker, podman, k3s, kind",
            discussion:
                "kind[:NAME] is a cluster of kind. Anything else that has a slash is a folder, which gets a tarball.",
            valueName: "runtime"
        ),
        completion: .list(["containerd", "docker", "podman", "k3s", "kind"])
    )
    var into: String

    @Option(help: ArgumentHelp("Socket of containerd.", valueName: "path"), completion: .file())
    var address: String?

    @Option(help: ArgumentHelp("Namespace of containerd (k8s.io).", valueName: "name"))
    var namespace: String?

    @Option(help: ArgumentHelp("Platform that containerd takes.", valueName: "platform"))
    var platform: String?

    @Flag(help: "Replace a tarball of that name in the folder.")
    var replace = false

    @OptionGroup var fileFlags: FileFlags
    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var temporaryFlags: TemporaryFolderFlags
    @OptionGroup var logFlags: LogFlags

    func validate() throws {
        guard let runtime = LoadWorkflow.Runtime(into) else {
            let near = Spelling.nearest(to: into, among: ["containerd", "docker", "podman", "k3s", "kind"])
            throw ValidationError(
                "--into must be containerd, docker, podman, k3s, kind, kind:NAME or a folder with a slash, not '\(into)'"
                    + (near.map { "; did you mean \($0)?" } ?? "")
            )
        }
        try PackageArgument.checkStandardInput([input], documents: fileFlags.names)
        if let platform { _ = try Platform(platform) }
        switch runtime {
        case .k3s, .folder: break
        default:
            guard !replace else { throw ValidationError("--replace needs --into k3s or a folder") }
        }
        if runtime != .containerd {
            for (flag, value) in [("--address", address), ("--namespace", namespace), ("--platform", platform)]
            where value != nil {
                throw ValidationError("\(flag) needs --into containerd")
            }
        }
    }

    func run() async throws {
        guard let runtime = LoadWorkflow.Runtime(into) else { return }
        let log = Log(prefix: "load | ")
        var options = LoadWorkflow.Options(input, into: runtime)
        options.address = address
        if let namespace { options.namespace = namespace }
        options.platform = platform
        options.replaces = replace
        options.files = fileFlags.names
        let work = try await LoadWorkflow(options, in: WorkflowContext(temporary: temporaryFlags, log: log))
        try await withProgress(of: "load") { try await work.run(progress: $0) }
        log.line("loaded \(Count.text(work.count, "image")) into \(into)")
        try Console(consoleFlags.options).finish()
    }
}
