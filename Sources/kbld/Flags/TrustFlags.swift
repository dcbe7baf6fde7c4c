import ArgumentParser
import KbldWorkflows

/// Who must have signed a package itself.
struct TrustFlags: ParsableArguments {
    @Option(
        name: .customLong("package-key"),
        help: ArgumentHelp(
            "Public key the package must be signed by.",
            discussion: "In PEM. Repeatable: as many as --threshold says must have signed.",
            valueName: "file"
        ),
        completion: .file()
    )
    var keys: [String] = []

    @Option(help: ArgumentHelp("How many of the keys must have signed.", valueName: "count"))
    var threshold: Int?

    @Option(
        help: ArgumentHelp(
            "File of installed sequences: none goes back.",
            discussion: "A package that is older than what was installed under its name is refused.",
            valueName: "file"
        ),
        completion: .file()
    )
    var state: String?

    @Flag(name: .customLong("allow-older"), help: "Take a package that is older, too.")
    var allowOlder = false

    func validate() throws {
        guard !keys.isEmpty || (threshold == nil && state == nil && !allowOlder) else {
            throw ValidationError("--threshold, --state and --allow-older require --package-key")
        }
        guard (1...max(1, keys.count)).contains(threshold ?? 1) else {
            throw ValidationError("--threshold must be from 1 to the number of --package-key")
        }
        guard !allowOlder || state != nil else { throw ValidationError("--allow-older requires --state") }
    }

    /// The files that are read.
    var inputs: [OutputPaths.Named] { keys.map { ("--package-key", $0) } }

    /// What the flags mean.
    var options: PackageTrust.Options {
        var options = PackageTrust.Options()
        options.keys = keys
        options.threshold = threshold ?? 1
        options.state = state
        options.allowsOlder = allowOlder
        return options
    }
}
