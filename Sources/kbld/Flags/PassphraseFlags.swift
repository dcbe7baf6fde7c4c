import ArgumentParser
import FoundationEssentials
import KbldWorkflows

/// What opens a private key that is encrypted.
struct PassphraseFlags: ParsableArguments {
    @Option(
        name: .customLong("key-password-file"),
        help: ArgumentHelp(
            "File with the key's passphrase.",
            discussion: "Its first line. Without it, the environment variable KBLD_KEY_PASSWORD, or COSIGN_PASSWORD.",
            valueName: "file"
        ),
        completion: .file()
    )
    var file: String?

    /// What opens the key.
    var passphrase: KeyPassphrase {
        var passphrase = KeyPassphrase(advice: "give it with --key-password-file, or as KBLD_KEY_PASSWORD")
        passphrase.file = file
        let environment = ProcessInfo.processInfo.environment
        passphrase.value = environment["KBLD_KEY_PASSWORD"] ?? environment["COSIGN_PASSWORD"]
        return passphrase
    }
}
