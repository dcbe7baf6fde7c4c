import ArgumentParser
import RegistryClient

/// How registries are reached.
struct RegistryFlags: ParsableArguments {
    @Option(
        name: .customLong("registry-ca-cert-path"),
        help: ArgumentHelp("A file of PEM certificates to trust; may be given several times.", valueName: "file")
    )
    var certificatePaths: [String] = []

    @Flag(
        name: .customLong("registry-verify-certs"),
        inversion: .prefixedNo,
        help: "Check the certificates of registries."
    )
    var verifiesCertificates = true

    @Flag(
        name: .customLong("registry-insecure"),
        inversion: .prefixedNo,
        help: "Use plain http with registries that don't speak https."
    )
    var isInsecure = false

    @Option(
        name: .customLong("idle-timeout"),
        help: ArgumentHelp("How long a registry may stay silent, in seconds.", valueName: "seconds")
    )
    var idleTimeout: Int64 = 30

    @Option(
        name: .customLong("retries"),
        help: ArgumentHelp("How often a failed request is sent again.", valueName: "count")
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
