import ArgumentParser
import ClusterConfiguration
import KbldWorkflows
import Packages

/// `kbld mirror-config`: the configuration for nodes, of what a package has.
struct MirrorConfigCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "mirror-config",
        abstract: "Write what makes clusters pull from a mirror.",
        discussion: """
            Images keep their original names. No registry is asked.

            Examples:
              kbld mirror-config -i images.tar -r registry.local/mirror \\
                --repository-layout mirror-with-host -o out/ --format hosts.toml,idms
              kbld mirror-config -i images.tar -r registry.local/mirror \\
                --repository-layout mirror-with-host -o out/ --mirror-config-diff
            """
    ).ofProgram

    @OptionGroup var fileFlags: FileFlags
    @OptionGroup var finderFlags: FinderFlags
    @OptionGroup var registryFlags: RegistryFlags
    @OptionGroup var consoleFlags: ConsoleFlags
    @OptionGroup var temporaryFlags: TemporaryFolderFlags
    @OptionGroup var logFlags: LogFlags
    @OptionGroup var destinationFlags: DestinationFlags
    @OptionGroup var mirrorFlags: MirrorFlags

    @Argument(help: ArgumentHelp("The tarball, as with --input.", valueName: "file"), completion: .file())
    var package: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("Tarball to read.", valueName: "file"), completion: .file())
    var input: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("Folder to write to.", valueName: "folder"), completion: .directory)
    var output: String?

    @Option(
        help: ArgumentHelp(
            "Formats: hosts.toml, idms …",
            discussion:
                "Comma-separated: \(ConfigurationFormat.allCases.map(\.rawValue).joined(separator: ", ")). Without "
                + "it, all that can express where the images are.",
            valueName: "formats"
        )
    )
    var format: [String] = []

    func validate() throws {
        try destinationFlags.check()
        let input = try PackageArgument.only(input, package)
        try PackageArgument.checkStandardInput([input], documents: fileFlags.names)
        guard let output, !output.isEmpty else { throw ValidationError("missing required option --output") }
        _ = try MirrorFlags.formats(format, of: "--format")
    }

    func run() async throws {
        let work = try await MirrorWorkflow(
            files: fileFlags.names,
            input: try PackageArgument.only(input, package),
            destination: try destinationFlags.plan(),
            try mirrorFlags.settings(folder: output ?? "", formats: format),
            in: WorkflowContext(
                registryFlags,
                finders: finderFlags,
                temporary: temporaryFlags,
                log: Log(prefix: "mirror-config | ")
            )
        )
        try work.run()
        try Console(consoleFlags.options).finish()
    }
}
