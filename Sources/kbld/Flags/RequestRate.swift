import ArgumentParser
import ContainerImage

/// A value of `--requests-per-second`: `10`, `0.5`, `docker.io=2`.
struct RequestRate {
    /// The registry that it is for; nil for all others.
    let host: RegistryHost?
    let perSecond: Double

    /// - Throws: `ValidationError`.
    init(_ text: String) throws {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let number = parts.last.flatMap { $0.allSatisfy { $0.isNumber || $0 == "." } ? Double($0) : nil }
        guard let number, (0.01...100_000).contains(number) else {
            throw ValidationError(
                "--requests-per-second must be a number from 0.01 to 100000, or HOST=NUMBER, not '\(text)'"
            )
        }
        perSecond = number
        guard parts.count == 2 else {
            host = nil
            return
        }
        guard let registry = try? RegistryHost(parts[0]) else {
            throw ValidationError("--requests-per-second '\(text)' must name a host, or host:port, before '='")
        }
        host = registry
    }
}
