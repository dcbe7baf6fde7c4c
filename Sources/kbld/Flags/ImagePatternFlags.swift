import ArgumentParser
import ReferenceChecks

/// Which images are meant, by their names.
struct ImagePatternFlags: ParsableArguments {
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

    func validate() throws {
        guard !patterns.contains("") else { throw ValidationError("--image must not be empty") }
    }

    /// What the flag means; empty for all images.
    var names: [NamePattern] { patterns.map(NamePattern.init) }
}
