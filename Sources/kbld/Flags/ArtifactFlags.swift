import ArgumentParser
import ContainerImage
import ImageTransfer

/// What is taken along with images, and to which platforms indexes are filtered.
struct ArtifactFlags: ParsableArguments {
    @Flag(inversion: .prefixedNo, help: "Include OCI referrers of the images.")
    var referrers = false

    @Flag(inversion: .prefixedNo, help: "Include cosign signatures, attestations and SBOMs.")
    var cosign = false

    @Flag(
        name: .customLong("include-non-distributable"),
        inversion: .prefixedNo,
        help: "Include non-distributable (foreign) layers, such as Windows base layers."
    )
    var includesNonDistributable = false

    @Option(
        name: .customLong("platform"),
        help: ArgumentHelp(
            "Keep only this platform (os/arch[/variant][:osversion]) of each index, which gets a new digest. "
                + "Repeatable.",
            valueName: "platform"
        )
    )
    var platforms: [String] = []

    func validate() throws { _ = try selection() }

    /// What the flags mean.
    ///
    /// - Throws: `PlatformError` for a malformed platform.
    func selection() throws -> ArtifactSelection {
        var selection = ArtifactSelection()
        selection.takesReferrers = referrers
        selection.takesCosign = cosign
        selection.takesNonDistributable = includesNonDistributable
        selection.platforms = try platforms.map { text throws(PlatformError) in try Platform(text) }
        return selection
    }
}
