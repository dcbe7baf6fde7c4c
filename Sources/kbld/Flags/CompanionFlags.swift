import ArgumentParser
import ContainerImage
import ImageTransfer

/// What is taken along with images, and to which platforms indexes are filtered.
struct CompanionFlags: ParsableArguments {
    @Flag(inversion: .prefixedNo, help: "Take along what registries list as referrers of the images.")
    var referrers = false

    @Flag(inversion: .prefixedNo, help: "Take along what cosign keeps under tags: .sig, .att, .sbom.")
    var cosign = false

    @Flag(
        name: .customLong("include-non-distributable"),
        inversion: .prefixedNo,
        help: "Take along layers that aren't distributable, such as those of Windows."
    )
    var includesNonDistributable = false

    @Option(
        name: .customLong("platform"),
        help: ArgumentHelp(
            "Keep only what is for os/arch[/variant][:osversion] in indexes, which get new digests; may be given "
                + "several times.",
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
