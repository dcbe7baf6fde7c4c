import ArgumentParser
import ContainerImage
import KbldWorkflows
import ReferenceChecks

/// Which images of a package are meant, and whether all of each must be there.
struct PackagePartFlags: ParsableArguments {
    @Option(
        name: .customLong("image"),
        help: ArgumentHelp(
            "Only images whose names match this pattern.",
            discussion: """
                * is anything without a slash, ** anything. A name is host/path, its last parts alone, or either with :tag \
                or @digest. What is attached to an image follows it. Repeatable.
                """,
            valueName: "pattern"
        )
    )
    var patterns: [String] = []

    @Flag(
        help: ArgumentHelp(
            "Refuse indexes that lack images.",
            discussion: "Without it, an index of which the package has some images alone is taken as it is."
        )
    )
    var whole = false

    func validate() throws {
        guard !patterns.contains("") else { throw ValidationError("--image must not be empty") }
    }

    /// What the flags mean.
    var part: PackagePart {
        var part = PackagePart()
        part.names = patterns.map(NamePattern.init)
        part.isWhole = whole
        return part
    }
}
