import ArgumentParser
import ContainerImage
import ImageTransfer

/// What is taken along with images, and to which platforms indexes are filtered.
struct ArtifactFlags: ParsableArguments {
    @Flag(inversion: .prefixedNo, help: "Include OCI referrers of the images.")
    var referrers = false

    @Flag(inversion: .prefixedNo, help: "Include cosign signatures, attestations.")
    var cosign = false

    @Flag(
        name: .customLong("include-non-distributable"),
        inversion: .prefixedNo,
        help: ArgumentHelp(
            "Include foreign layers, as of Windows.",
            discussion: "These are layers that are marked as not to be distributed."
        )
    )
    var includesNonDistributable = false

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

    func validate() throws {
        _ = try selection()
        guard !allowsMissingPlatform || !platforms.isEmpty else {
            throw ValidationError("--allow-missing-platform needs --platform")
        }
        guard !sparse || !platforms.isEmpty else { throw ValidationError("--sparse needs --platform") }
    }

    /// What the flags mean.
    ///
    /// - Throws: `PlatformError` for a malformed platform.
    func selection() throws -> ArtifactSelection {
        var selection = ArtifactSelection()
        selection.takesReferrers = referrers
        selection.takesCosign = cosign
        selection.takesNonDistributable = includesNonDistributable
        selection.platforms = try platforms.map { text throws(PlatformError) in try Platform(text) }
        selection.isSparse = sparse
        selection.allowsMissingPlatform = allowsMissingPlatform
        return selection
    }
}
