import ArgumentParser
import RegistryClient

/// How registries are reached.
struct RegistryFlags: ParsableArguments {
    @Option(
        name: .customLong("registry-ca-cert-path"),
        help: ArgumentHelp("File of PEM certificates to trust. Repeatable.", valueName: "file")
    )
    var certificatePaths: [String] = []

    @Flag(
        name: .customLong("registry-verify-certs"),
        inversion: .prefixedNo,
        help: "Verify registries' TLS certificates."
    )
    var verifiesCertificates = true

    @Flag(
        name: .customLong("registry-insecure"),
        inversion: .prefixedNo,
        help: "Allow plain HTTP for registries that don't support HTTPS."
    )
    var isInsecure = false

    @Option(
        name: .customLong("idle-timeout"),
        help: ArgumentHelp("Give up on a request after this many seconds of silence.", valueName: "seconds")
    )
    var idleTimeout: Int64 = 30

    @Option(
        name: .customLong("retries"),
        help: ArgumentHelp("Number of retries for a failed request.", valueName: "count")
    )
    var retries = 4

    func validate() throws {
        guard idleTimeout > 0 else { throw ValidationError("--idle-timeout must be at least 1 second") }
        guard (0...100).contains(retries) else { throw ValidationError("--retries must be 0 to 100") }
    }

    /// What the flags mean.
    var options: RegistryOptions {
        var options = RegistryOptions()
        options.certificateAuthorityPaths = certificatePaths.flatMap { $0.split(separator: ",").map(String.init) }
        options.verifiesCertificates = verifiesCertificates
        options.allowsPlainHTTP = isInsecure
        options.idleTimeoutSeconds = idleTimeout
        options.retries.attempts = retries + 1
        return options
    }
}
