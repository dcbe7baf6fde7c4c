import ArgumentParser
import ContainerImage

/// Which platforms of indexes are taken, and what becomes of the indexes.
struct PlatformFlags: ParsableArguments {
    @Option(
        name: .customLong("platform"),
        help: ArgumentHelp(
            "Keep only this platform of each index.",
            discussion: "It is os/arch[/variant][:osversion]. The filtered index has a new digest. Repeatable.",
            valueName: "platform"
        )
    )
    var names: [String] = []

    @Flag(
        help: ArgumentHelp(
            "With --platform: keep indexes' digests.",
            discussion: "Indexes stay as they are, and only what is for the platforms is taken."
        )
    )
    var sparse = false

    @Flag(
        name: .customLong("allow-missing-platform"),
        help: ArgumentHelp(
            "Keep indexes whole that lack the platform.",
            discussion: "Without it, an index that has nothing for the platforms is refused."
        )
    )
    var allowsMissingPlatform = false

    func validate() throws {
        _ = try platforms()
        guard !sparse || !names.isEmpty else { throw ValidationError("--sparse needs --platform") }
        guard !allowsMissingPlatform || !names.isEmpty else {
            throw ValidationError("--allow-missing-platform needs --platform")
        }
    }

    /// The platforms.
    ///
    /// - Throws: `PlatformError` for a malformed one.
    func platforms() throws -> [Platform] {
        try names.map { text throws(PlatformError) in try Platform(text) }
    }
}
