import ArgumentParser
import KbldWorkflows

/// How much of a package is installed.
struct InstalledPartFlags: ParsableArguments {
    @OptionGroup var partFlags: PackagePartFlags
    @OptionGroup var platformFlags: PlatformFlags

    @Flag(
        name: .customLong("only-documents"),
        help: ArgumentHelp(
            "Only images that the documents name.",
            discussion: "What is attached to them is installed as well."
        )
    )
    var onlyDocuments = false

    /// What the flags mean.
    ///
    /// - Throws: `PlatformError` for a malformed platform.
    func part() throws -> PackagePart {
        var part = partFlags.part
        part.platforms = try platformFlags.platforms()
        part.isSparse = platformFlags.sparse
        part.allowsMissingPlatform = platformFlags.allowsMissingPlatform
        part.isOfDocuments = onlyDocuments
        return part
    }
}
