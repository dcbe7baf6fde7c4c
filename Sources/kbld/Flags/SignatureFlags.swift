import ArgumentParser
import KbldWorkflows

/// Whose signatures images must have.
struct SignatureFlags: ParsableArguments {
    @Option(
        name: .customLong("verify-key"),
        help: ArgumentHelp(
            "Public key that images must be signed by.",
            discussion: "In PEM. Repeatable: a signature by any of them will do.",
            valueName: "file"
        ),
        completion: .file()
    )
    var keys: [String] = []

    @Option(
        name: .customLong("verify-policy"),
        help: ArgumentHelp(
            "Policy of signatures to require.",
            discussion: "A containers-policy.json, or documents of kind SignaturePolicy. Repeatable: all must hold.",
            valueName: "file"
        ),
        completion: .file()
    )
    var policies: [String] = []

    @Option(
        name: .customLong("verify-attestation"),
        help: ArgumentHelp(
            "Attestation that images must have, too.",
            discussion: "Its predicate type. It must be signed as images are; what it says isn't judged. Repeatable.",
            valueName: "type"
        )
    )
    var attestations: [String] = []

    @Option(
        name: .customLong("signatures-report"),
        help: ArgumentHelp("File for what was verified, in JSON.", valueName: "file"),
        completion: .file()
    )
    var report: String?

    func validate() throws {
        guard keys.isEmpty, policies.isEmpty else { return }
        guard attestations.isEmpty else {
            throw ValidationError("--verify-attestation requires --verify-key or --verify-policy")
        }
        guard report == nil else {
            throw ValidationError("--signatures-report requires --verify-key or --verify-policy")
        }
    }

    /// What the flags mean.
    var options: SignatureGate.Options {
        var options = SignatureGate.Options()
        options.keys = keys
        options.policies = policies
        options.attestations = attestations
        options.report = report
        return options
    }
}
