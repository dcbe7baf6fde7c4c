import ArgumentParser
import KbldWorkflows

/// Who signs a package, and what is said of it.
struct SigningFlags: ParsableArguments {
    @OptionGroup var passphraseFlags: PassphraseFlags

    @Option(
        name: .customLong("sign-command"),
        help: ArgumentHelp(
            "Command that signs, in place of a key.",
            discussion:
                "A shell runs it. It gets the bytes to sign on standard input, and prints the signature, in DER or base64.",
            valueName: "command"
        )
    )
    var command: String?

    @Option(
        name: .customLong("sign-public-key"),
        help: ArgumentHelp(
            "Public key that --sign-command must sign by.",
            discussion: "In PEM. What the command gives is checked; without it, only whether it can be a signature.",
            valueName: "file"
        ),
        completion: .file()
    )
    var publicKey: String?

    @Option(
        name: .customLong("package-name"),
        help: ArgumentHelp(
            "What packages of this kind are called.",
            discussion: "A sequence is that of one name.",
            valueName: "name"
        )
    )
    var packageName: String?

    @Option(help: ArgumentHelp("Sequence number; the time, if not given.", valueName: "number"))
    var sequence: Int64?

    func validate() throws {
        guard (sequence ?? 0) >= 0 else { throw ValidationError("--sequence must not be negative") }
    }

    /// What the flags mean.
    ///
    /// - Parameter key: The file of a private key.
    /// - Throws: `ValidationError` for what says nothing without a key.
    func options(key: String?, named flag: String) throws -> PackageSigning.Options {
        guard key == nil || command == nil else {
            throw ValidationError("\(flag) and --sign-command are mutually exclusive")
        }
        guard key != nil || command != nil || (packageName == nil && sequence == nil) else {
            throw ValidationError("--package-name and --sequence require \(flag) or --sign-command")
        }
        guard command != nil || publicKey == nil else {
            throw ValidationError("--sign-public-key requires --sign-command")
        }
        guard key != nil || passphraseFlags.file == nil else {
            throw ValidationError("--key-password-file requires \(flag)")
        }
        var options = PackageSigning.Options()
        options.key = key
        options.passphrase = passphraseFlags.passphrase
        options.command = command
        options.publicKey = publicKey
        options.name = packageName ?? ""
        options.sequence = sequence
        return options
    }
}
