import ArgumentParser

/// The command `kbld`; without a subcommand it resolves.
struct Kbld: AsyncParsableCommand {
    /// The version of kbld that this one replaces, which documents and locks require.
    static let version = BuildInformation.compatibleVersion

    static let configuration = CommandConfiguration(
        commandName: "kbld",
        abstract: "Pins container images by digest, packs them, and installs them elsewhere under the same digests.",
        discussion: """
            Examples:
              kbld -f config.yml > resolved.yml
              kbld pkg -f resolved.yml -o images.tar
              kbld unpkg -f resolved.yml -i images.tar -r registry.local/app
            """,
        version: BuildInformation.compatibleLine,
        subcommands: [
            ResolveCommand.self,
            PinCommand.self,
            PackageCommand.self,
            UnpackageCommand.self,
            RelocateCommand.self,
            MirrorCommand.self,
            MirrorConfigCommand.self,
            BackupCommand.self,
            RestoreCommand.self,
            JobCommand.self,
            CopyCommand.self,
            InspectCommand.self,
            VerifyCommand.self,
            CheckCommand.self,
            ServeCommand.self,
            ServeRegistryCommand.self,
            DoctorCommand.self,
            LoginCommand.self,
            LogoutCommand.self,
            CompletionCommand.self,
            VersionCommand.self,
        ],
        defaultSubcommand: ResolveCommand.self
    )
}
