import ArgumentParser
import ContainerImage
import KbldWorkflows
import ReferenceChecks

/// Which images of a package are meant, and whether all of each must be there.
struct PackagePartFlags: ParsableArguments {
    @OptionGroup var imageFlags: ImagePatternFlags

    @Flag(
        help: ArgumentHelp(
            "Refuse indexes that lack images.",
            discussion: "Without it, an index of which the package has some images alone is taken as it is."
        )
    )
    var whole = false

    /// What the flags mean.
    var part: PackagePart {
        var part = PackagePart()
        part.names = imageFlags.names
        part.isWhole = whole
        return part
    }
}
