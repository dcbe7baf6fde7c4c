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
        name: .customLong("verify-identity"),
        help: ArgumentHelp(
            "Identity that images must be signed by.",
            discussion: "Whom a certificate was issued to: an address, a URI. Repeatable: any of them will do.",
            valueName: "identity"
        )
    )
    var identities: [String] = []

    @Option(
        name: .customLong("verify-identity-regexp"),
        help: ArgumentHelp(
            "Regular expression of identities.",
            discussion: "It must match the whole identity. Repeatable.",
            valueName: "expression"
        )
    )
    var identityExpressions: [String] = []

    @Option(
        name: .customLong("verify-issuer"),
        help: ArgumentHelp(
            "Issuer that vouches for the identity.",
            discussion: "The URL of an OpenID provider. Repeatable: any of them will do.",
            valueName: "url"
        )
    )
    var issuers: [String] = []

    @Option(
        name: .customLong("verify-issuer-regexp"),
        help: ArgumentHelp(
            "Regular expression of issuers.",
            discussion: "It must match the whole URL. Repeatable.",
            valueName: "expression"
        )
    )
    var issuerExpressions: [String] = []

    @Option(
        name: .customLong("trusted-root"),
        help: ArgumentHelp(
            "Authorities and logs to trust, for identities.",
            discussion: "A trusted_root.json of sigstore.",
            valueName: "file"
        ),
        completion: .file()
    )
    var trustedRoot: String?

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
        guard !identities.contains(""), !issuers.contains("") else {
            throw ValidationError("--verify-identity and --verify-issuer must not be empty")
        }
        let hasIdentity = !identities.isEmpty || !identityExpressions.isEmpty
        let hasIssuer = !issuers.isEmpty || !issuerExpressions.isEmpty
        if hasIdentity {
            guard hasIssuer else {
                throw ValidationError("--verify-identity requires --verify-issuer: who vouches for the identity")
            }
            guard trustedRoot != nil else {
                throw ValidationError("--verify-identity requires --trusted-root: the authorities and logs to trust")
            }
        }
        guard hasIdentity || !hasIssuer else { throw ValidationError("--verify-issuer requires --verify-identity") }
        guard hasIdentity || trustedRoot == nil else {
            throw ValidationError("--trusted-root requires --verify-identity")
        }
        guard keys.isEmpty, policies.isEmpty, !hasIdentity else { return }
        guard attestations.isEmpty else {
            throw ValidationError("--verify-attestation requires --verify-key, --verify-identity or --verify-policy")
        }
        guard report == nil else {
            throw ValidationError("--signatures-report requires --verify-key, --verify-identity or --verify-policy")
        }
    }

    /// The files that are read.
    var inputs: [OutputPaths.Named] {
        keys.map { ("--verify-key", $0) } + policies.map { ("--verify-policy", $0) } + [("--trusted-root", trustedRoot)]
    }

    /// What the flags mean.
    var options: SignatureGate.Options {
        var options = SignatureGate.Options()
        options.keys = keys
        options.identities = identities
        options.identityExpressions = identityExpressions
        options.issuers = issuers
        options.issuerExpressions = issuerExpressions
        options.trustedRoot = trustedRoot
        options.policies = policies
        options.attestations = attestations
        options.report = report
        return options
    }
}
