import ArgumentParser
import ContainerImage
import RegistryClient

/// How fast transfers may be.
struct RateFlags: ParsableArguments {
    @Option(
        name: .customLong("limit-rate"),
        help: ArgumentHelp(
            "Bytes a second at most: 10MB/s, 500k.",
            discussion: "Both ways count together.",
            valueName: "rate"
        )
    )
    var text: String?

    private static let smallest: Int64 = 1000

    func validate() throws { _ = try limit() }

    /// What the flag means; nil for no limit.
    func limit() throws -> RateLimit? {
        guard let text else { return nil }
        let number = text.hasSuffix("/s") ? text.dropLast(2) : text[...]
        guard let rate = ByteCount(number)?.bytes, rate >= Self.smallest else {
            throw ValidationError(
                "--limit-rate must be a number of bytes a second, at least 1k: 500k, 10MB/s, 10MiB/s, 1.5GB/s"
            )
        }
        return RateLimit(bytesPerSecond: rate)
    }
}
