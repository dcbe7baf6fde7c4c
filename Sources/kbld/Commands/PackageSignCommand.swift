import ArgumentParser
import KbldWorkflows

/// `kbld package sign`: a package that is there gets a signature.
struct PackageSignCommand: AsyncParsableCommand, LoggingCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign",
        abstract: "Sign a package, for kbld unpkg --package-key.",
        discussion: """
            What is signed leads to every byte by digest. The signature goes into the tarball, or the OCI layout, beside
            those of others.

            Examples:
              kbld package sign images.tar --key kbld.key
              kbld package sign images.tar --key kbld.key --detached
              kbld package sign images.tar --key kbld.key --whole-file
            """
    ).ofProgram

    @Argument(
        help: ArgumentHelp("Tarball, or folder of an OCI layout.", valueName: "path"),
        completion: .file()
    )
    var bare: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The package, in place of the argument.", valueName: "path"),
        completion: .file()
    )
    var input: String?

    @Option(
        help: ArgumentHelp("Private key: ECDSA P-256 or Ed25519, in PEM.", valueName: "file"),
        completion: .file()
    )
    var key: String?

    @OptionGroup var signingFlags: SigningFlags

    @Flag(help: "Write FILE.sigstore.json; leave the package as it is.")
    var detached = false

    @Flag(
        name: .customLong("whole-file"),
        help: ArgumentHelp(
            "Sign the file's bytes, for cosign verify-blob.",
            discussion: "Writes FILE.sigstore.json, a bundle that openssl can check, too; for any file."
        )
    )
    var wholeFile = false

    @OptionGroup var temporaryFlags: TemporaryFolderFlags
    @OptionGroup var logFlags: LogFlags

    func validate() throws {
        _ = try PackageArgument.only(input, bare)
        guard key != nil || signingFlags.command != nil else {
            throw ValidationError("missing required option --key or --sign-command")
        }
        let options = try signingFlags.options(key: key, named: "--key")
        guard wholeFile else { return }
        guard !detached else { throw ValidationError("--whole-file and --detached are mutually exclusive") }
        guard options.command == nil else {
            throw ValidationError("--whole-file and --sign-command are mutually exclusive")
        }
        guard signingFlags.packageName == nil, signingFlags.sequence == nil else {
            throw ValidationError("--whole-file says nothing of the package; remove --package-name and --sequence")
        }
    }

    func run() async throws {
        let log = Log(prefix: "sign | ")
        let options = try signingFlags.options(key: key, named: "--key")
        let path = try PackageArgument.only(input, bare)
        if wholeFile, let key = options.key {
            let passphrase = options.passphrase
            try await WholeFileSignature(of: path, key: key, passphrase: passphrase, log: log.sink).write()
            return
        }
        let context = try WorkflowContext(temporary: temporaryFlags, log: log)
        try await SignWorkflow(path, by: options, detached: detached, in: context).run()
    }
}
