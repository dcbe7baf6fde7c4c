import ArgumentParser
import ContainerImage
import KbldWorkflows

/// How much of a package is installed.
struct InstalledPartFlags: ParsableArguments {
    @OptionGroup var partFlags: PackagePartFlags

    @Option(
        name: .customLong("platform"),
        help: ArgumentHelp(
            "Keep only this platform of each index.",
            discussion: "It is os/arch[/variant][:osversion]. The filtered index has a new digest. Repeatable.",
            valueName: "platform"
        )
    )
    var platforms: [String] = []

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

    @Flag(
        name: .customLong("only-documents"),
        help: ArgumentHelp(
            "Only images that the documents name.",
            discussion: "What is attached to them is installed as well."
        )
    )
    var onlyDocuments = false

    func validate() throws {
        _ = try part()
        guard !sparse || !platforms.isEmpty else { throw ValidationError("--sparse needs --platform") }
        guard !allowsMissingPlatform || !platforms.isEmpty else {
            throw ValidationError("--allow-missing-platform needs --platform")
        }
    }

    /// What the flags mean.
    ///
    /// - Throws: `PlatformError` for a malformed platform.
    func part() throws -> PackagePart {
        var part = partFlags.part
        part.platforms = try platforms.map { text throws(PlatformError) in try Platform(text) }
        part.isSparse = sparse
        part.allowsMissingPlatform = allowsMissingPlatform
        part.isOfDocuments = onlyDocuments
        return part
    }
}
