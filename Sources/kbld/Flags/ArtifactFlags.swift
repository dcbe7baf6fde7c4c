import ArgumentParser
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

    @OptionGroup var platformFlags: PlatformFlags

    /// What the flags mean.
    ///
    /// - Throws: `PlatformError` for a malformed platform.
    func selection() throws -> ArtifactSelection {
        var selection = ArtifactSelection()
        selection.takesReferrers = referrers
        selection.takesCosign = cosign
        selection.takesNonDistributable = includesNonDistributable
        selection.platforms = try platformFlags.platforms()
        selection.isSparse = platformFlags.sparse
        selection.allowsMissingPlatform = platformFlags.allowsMissingPlatform
        return selection
    }
}
