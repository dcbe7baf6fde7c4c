import ArgumentParser
import RegistryClient

/// How registries are reached.
struct RegistryFlags: ParsableArguments {
    @Option(
        name: .customLong("registry-ca-cert-path"),
        help: ArgumentHelp("Trust the PEM certificates of this file.", discussion: "Repeatable.", valueName: "file")
    )
    var certificatePaths: [String] = []

    @Flag(
        name: .customLong("registry-verify-certs"),
        inversion: .prefixedNo,
        help: "Verify TLS certificates."
    )
    var verifiesCertificates = true

    @Flag(
        name: .customLong("registry-insecure"),
        inversion: .prefixedNo,
        help: "Allow plain HTTP where HTTPS isn't spoken."
    )
    var isInsecure = false

    @Option(
        name: .customLong("idle-timeout"),
        help: ArgumentHelp("Longest silence of a server.", valueName: "seconds")
    )
    var idleTimeout: Int64 = 30

    @Option(
        name: .customLong("retries"),
        help: ArgumentHelp("Retries of a failed request.", valueName: "count")
    )
    var retries = 4

    @Option(
        name: .customLong("requests-per-second"),
        help: ArgumentHelp(
            "Requests a second: N, or HOST=N.",
            discussion: "N is for each registry; HOST=N for one of them. Repeatable.",
            valueName: "rate"
        )
    )
    var requestRates: [String] = []

    func validate() throws {
        _ = try requestRates.map { try RequestRate($0) }
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
        for text in requestRates {
            guard let rate = try? RequestRate(text) else { continue }
            if let host = rate.host {
                options.hosts[host, default: HostOptions()].requestsPerSecond = rate.perSecond
            } else {
                options.requestsPerSecond = rate.perSecond
            }
        }
        return options
    }
}
